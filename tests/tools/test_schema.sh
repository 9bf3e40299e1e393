#!/usr/bin/env bash
# Every file of configs/ meets the schema of its kind, and faults in them do not.   usage: test_schema.sh IGQSIM
set -euo pipefail
cd "$(dirname "$0")/../.."
igqsim=$1
python3 -c 'import jsonschema, yaml' 2>/dev/null || { echo "skipped: no python3-jsonschema, python3-yaml"; exit 77; }
schemas=$(mktemp -d)
trap 'rm -rf "$schemas"' EXIT
for kind in accelerator workload technology sweep; do "$igqsim" schema $kind >"$schemas/$kind.json"; done
python3 - "$schemas" <<'CHECK'
import copy, glob, json, re, sys
import jsonschema, yaml

def load(path):
    # as igqsim reads it: yes and no are words, 1e-6 is a number
    class Loader(yaml.SafeLoader):
        pass
    Loader.yaml_implicit_resolvers = {first: [one for one in some if one[0] != 'tag:yaml.org,2002:bool']
                                      for first, some in yaml.SafeLoader.yaml_implicit_resolvers.items()}
    Loader.add_implicit_resolver('tag:yaml.org,2002:float', re.compile(r'^[-+]?[0-9]+[eE][-+]?[0-9]+$'), list('+-0123456789'))
    with open(path) as file:
        return yaml.load(file, Loader)

seen = refused = 0
for kind, folder in (('accelerator', 'accelerators'), ('workload', 'workloads'), ('technology', 'technologies'), ('sweep', 'sweeps')):
    schema = json.load(open(f'{sys.argv[1]}/{kind}.json'))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(glob.glob(f'configs/{folder}/*.yaml')):
        if path.endswith('/components.yaml'):
            continue # no technology
        file = load(path)
        faults = [f'{path}: {"/".join(map(str, fault.absolute_path))}: {fault.message}' for fault in validator.iter_errors(file)]
        assert not faults, '\n'.join(faults)
        seen += 1
        wrong = copy.deepcopy(file)
        wrong['no_such_key'] = 1
        assert not validator.is_valid(wrong), f'{path}: an unknown key is allowed'
        wrong = copy.deepcopy(file)
        wrong['name'] = ['a list']
        assert not validator.is_valid(wrong), f'{path}: a name that is a list is allowed'
        refused += 2
print(f'{seen} files meet their schema, {refused} with faults do not')
assert seen > 20
CHECK
