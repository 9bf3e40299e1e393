#!/usr/bin/env bash
# Starts Slurm on this computer with a configuration of its own, submits a sweep to it for real, holds the results
# against those of the local engine, byte for byte, and stops Slurm.   usage: test_sweep.sh IGQSIM
# Where Slurm cannot start it says "skipped: REASON" and exits with 77.
set -euo pipefail
igqsim=$(realpath "$1")
dir=$(mktemp -d)

skip() {
  echo "skipped: $1"
  exit 77
}
stop() {
  local status=$? pid
  for daemon in slurmd slurmctld; do
    pid=$(cat "$dir/$daemon.pid" 2>/dev/null) && kill "$pid" 2>/dev/null && tail --pid="$pid" -f /dev/null
  done
  rm -rf "$dir"
  exit $status
}
trap stop EXIT

for program in slurmctld slurmd sbatch squeue sinfo; do
  command -v $program >/dev/null || PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip "$program is not installed"
done
export PATH=$PATH:/usr/sbin
free_port() { # one above the argument that nobody listens on
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}
controller_port=$(free_port $((20000 + $$ % 10000)))
mkdir -p "$dir"/{state,spool,log}
# Each user's Slurm trusts only itself here: no munge, no accounting. More processors than there are, since the
# scheduler starts one task a processor and pass.
cat >"$dir/slurm.conf" <<CONF
ClusterName=igqsim
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$controller_port
SlurmdPort=$(free_port $((controller_port + 1)))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1
MpiDefault=none
ReturnToService=2
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
SlurmdParameters=config_overrides
KillWait=2
NodeName=localhost NodeAddr=127.0.0.1 NodeHostname=$(hostname -s) CPUs=8 RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$dir/slurm.conf
reason() { cat "$dir"/log/*.log "$dir/start" 2>/dev/null | grep -iE 'fatal|error' | head -2 | tr '\n' ' '; }
slurmctld -c >"$dir/start" 2>&1 || skip "slurmctld does not start: $(reason)"
slurmd -N localhost >>"$dir/start" 2>&1 || skip "slurmd does not start: $(reason)"
for ((i = 0; i < 150; i++)); do
  [ "$(sinfo -h -o %T 2>/dev/null)" = idle ] && break
  sleep 0.1
done
[ "$(sinfo -h -o %T 2>/dev/null)" = idle ] || skip "no node of Slurm becomes idle: $(reason)"

# Twelve points, of which some fail and one is beyond a limit; calibrated for each number of groups.
cat >"$dir/sweep.yaml" <<'YAML'
name: slurm
accelerator: configs/accelerators/igq_shared.yaml
workload: configs/workloads/deit_tiny.yaml
trace: traces/deit_tiny_photos.safetensors
technology: configs/technologies/bitfusion_45nm.yaml
calibrate: {num_groups: num_groups}
axes:
  num_groups: [2, 8]
  mac_array.lanes: [16, 32, 64]
  weight_buffer.capacity_bytes: [64, 262144] # too small for any layer, enough
limits: [cycles_per_image <= 5e6]
objectives: [cycles_per_image, area_um2]
YAML
fail=0
check() { # what, command...
  local what=$1
  shift
  "$@" || { echo "FAILED: $what"; fail=1; }
}
same_results() { diff -r -x slurm "$1" "$2"; }

"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/local" >/dev/null
check "some points fail" grep -q '"status": "failed"' "$dir/local/sweep.json"
check "some points are excluded" grep -q '"status": "excluded"' "$dir/local/sweep.json"

"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/slurm" --engine slurm --array-width 3 --partition main --time 10 --memory 200 >"$dir/out"
check "three tasks were submitted" grep -q 'job [0-9]*, 3 tasks for 12 points' "$dir/out"
check "each task worked in Slurm" test "$(ls "$dir/slurm/slurm" | grep -c '\.out$')" = 3
check "Slurm's results are the local engine's" same_results "$dir/local" "$dir/slurm"

"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/later" --engine slurm --array-width 2 --no-wait >"$dir/out"
check "results wait for --resume" test ! -e "$dir/later/sweep.json"
while [ -n "$(squeue -h)" ]; do sleep 0.1; done
"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/later" --resume >/dev/null
check "results gathered later are the same" same_results "$dir/local" "$dir/later"

rm -r "$dir/later/points/"*[0-7] "$dir/later/sweep.json"
"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/later" --resume --engine slurm >/dev/null
check "what was lost is done again" same_results "$dir/local" "$dir/later"

# A job that is cancelled before it starts: its points are listed, and done by --resume.
scontrol update PartitionName=main State=DOWN
"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/cancelled" --engine slurm >"$dir/out" 2>&1 &
sweep=$!
until [ -n "$(squeue -h 2>/dev/null)" ]; do sleep 0.1; done
scancel --name igqsim
status=0
wait $sweep || status=$?
check "a cancelled sweep is an error" test $status = 1
check "its points say why" grep -q 'the Slurm job ended without it' "$dir/cancelled/points.csv"
scontrol update PartitionName=main State=UP
"$igqsim" sweep "$dir/sweep.yaml" -o "$dir/cancelled" --resume --engine slurm >/dev/null
check "a cancelled sweep resumes to the same results" same_results "$dir/local" "$dir/cancelled"

if "$igqsim" sweep "$dir/sweep.yaml" -o "$dir/refused" --engine slurm --partition nowhere >"$dir/out" 2>&1; then
  echo "FAILED: an unknown partition is taken"
  fail=1
fi
check "sbatch's words are passed on" grep -qi 'partition' "$dir/out"
[ $fail -eq 0 ] && echo "Slurm $(sbatch --version | cut -d' ' -f2) and the local engine agree"
exit $fail
