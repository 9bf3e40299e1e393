#!/usr/bin/env python3
"""check_front.py DIR [WHOLE] - checks the front of a sweep or search by the definitions, from DIR/points.csv alone.

Of every point: it is on the front if and only if no simulated point within the limits is at least as good in all
objectives and better in one. Of every beaten point: the one that it names has a result which is that much better than
the bounds that it names. WHOLE, the folder of the same sweep without `search:`: how much of its front and of the
hypervolume below it (from its worst corner) was found, with how many of its simulations, and whether any bound is
beaten by a result there.
"""
import csv
import json
import re
import sys


def read(folder):
    with open(folder + "/sweep.json") as file:
        sweep = json.load(file)["sweep"]
    signs = {o["key"]: -1 if o["goal"] == "max" else 1 for o in sweep["objectives"]}
    with open(folder + "/points.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["values"] = None
        if row["status"] == "done":
            row["values"] = tuple(sign * float(row[key]) for key, sign in signs.items())
    return sweep, signs, rows


def beats(a, b):
    return all(x <= y for x, y in zip(a, b)) and a != b


def front_of(values):
    """Distinct, in ascending order; only an earlier one can beat a later one."""
    front = []
    for value in sorted(set(values)):
        if not any(beats(other, value) for other in front):
            front.append(value)
    return front


def volume(front, corner):
    """Of what the front dominates below the corner, slice by slice of the first objective."""
    inside = sorted({f for f in front if all(x < c for x, c in zip(f, corner))})
    if not inside:
        return 0.0
    if len(corner) == 1:
        return corner[0] - inside[0][0]
    total = 0.0
    for i, value in enumerate(inside):
        end = inside[i + 1][0] if i + 1 < len(inside) else corner[0]
        if end > value[0]:
            total += (end - value[0]) * volume(front_of([f[1:] for f in inside[: i + 1]]), corner[1:])
    return total


def bounds_of(row, signs):
    """The point that beats the row, and the bounds that it names."""
    by, since = re.fullmatch(r"by ([0-9a-f]{16}), since (.*)", row["reason"]).groups()
    named = dict(re.fullmatch(r"(\w+) [<>]= (\S+)", part).groups() for part in since.split(", "))
    return by, tuple(sign * float(named[key]) for key, sign in signs.items())


def close(a, b):
    """points.csv has nine digits."""
    return all(x <= y + 1e-8 * abs(y) for x, y in zip(a, b))


def check(folder):
    sweep, signs, rows = read(folder)
    results = {row["id"]: row["values"] for row in rows if row["values"]}
    front = set(front_of(results.values()))
    faults, bounds = [], {}
    for row in rows:
        if (row["pareto"] == "yes") != (row["values"] in front):
            faults.append(f"{row['id']}: pareto is {row['pareto']}")
        if row["status"] == "beaten":
            by, bounds[row["id"]] = bounds_of(row, signs)
            if by not in results or not close(results[by], bounds[row["id"]]):
                faults.append(f"{row['id']}: {by} does not beat its bounds")
    num_open = sum(row["status"] == "open" for row in rows)
    if sweep.get("search") and sweep["search"]["proved"] != (num_open == 0):
        faults.append(f"proved is {sweep['search']['proved']}, {num_open} points are open")
    print(f"{folder}: {len(rows)} points, {len(results)} simulated, {len(bounds)} beaten, {num_open} open, "
          f"front {len(front)}: {len(faults)} faults")
    return faults, signs, results, front, bounds


def compare(found, whole, bounds):
    _, _, results = read(whole)
    every = {row["values"] for row in results if row["values"]}
    values = {row["id"]: row["values"] for row in results if row["values"]}
    # Ids hash the name of the sweep and the program, which are the same.
    faults = [f"{point}: a result is below its bound" for point, bound in bounds.items()
              if point in values and not close(bound, values[point])]
    front, corner = front_of(every), tuple(max(column) for column in zip(*every))
    least = tuple(min(column) for column in zip(*every))

    def scaled(points):
        return [tuple((x - a) / (c - a) if c > a else 0.0 for x, a, c in zip(p, least, corner)) for p in points]

    ones = (1.0,) * len(corner)
    share = volume(scaled(found), ones) / volume(scaled(front), ones)
    common = len(set(found) & set(front))
    print(f"  of {whole}: {common} of {len(front)} on the front, {100 * share:.3f} % of the hypervolume")
    return faults


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    faults, _, results, front, bounds = check(sys.argv[1])
    if len(sys.argv) == 3:
        faults += compare(front, sys.argv[2], bounds)
        whole = sum(1 for row in read(sys.argv[2])[2] if row["values"])
        print(f"  with {len(results)} of {whole} results: {100 * len(results) / whole:.2f} %")
    for fault in faults[:10]:
        print(fault)
    sys.exit(1 if faults else 0)


main()
