"""Runs other layout programs on the graphs that the bench writes, and prints ratios.

    cargo bench --no-default-features --bench estate -- --export DIR
    python3 benches/peers/layout.py DIR [NODES]

Needs Graphviz (sfdp) and, for OGDF's FMMM, the Python package tulip-python. What is not there is said and left out.
Only the standard library is used besides; times are wall clock, and CPU time of the child where it is one.
"""

import os
import re
import resource
import subprocess
import sys
import time


def read(folder, name, n):
    with open(f"{folder}/{name}-{n}.txt", encoding="ascii") as f:
        return [line.split() for line in f]


def stress(pairs, at):
    total = squares = 0.0
    count = 0
    for s, t, far in pairs:
        x = ((at[s][0] - at[t][0]) ** 2 + (at[s][1] - at[t][1]) ** 2) ** 0.5 / far
        total += x
        squares += x * x
        count += 1
    return 1.0 - total * total / squares / count


def sfdp(edges, n):
    text = "graph G{\n" + "\n".join(f"{a}--{b};" for a, b in edges) + "\n}\n"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    run = subprocess.run(
        ["sfdp", "-Goverlap=true", "-Gsplines=false", "-Tdot"], input=text, capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    at = [(0.0, 0.0)] * n
    for m in re.finditer(r'^\s*(\d+)\s+\[.*?pos="([-\d.e+]+),([-\d.e+]+)"', run.stdout, re.M | re.S):
        at[int(m[1])] = (float(m[2]), float(m[3]))
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, at


def fmmm(edges, n):
    from tulip import tlp

    graph = tlp.newGraph()
    nodes = graph.addNodes(n)
    graph.addEdges([(nodes[a], nodes[b]) for a, b in edges])
    layout = graph.getLayoutProperty("viewLayout")
    name = "Fast Multipole Multilevel Embedder (OGDF)"
    settings = tlp.getDefaultPluginParameters(name, graph)
    cpu, began = time.process_time(), time.perf_counter()
    graph.applyLayoutAlgorithm(name, layout, settings)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return wall, cpu, [(layout[v][0], layout[v][1]) for v in nodes]


def main():
    folder = sys.argv[1]
    sizes = [int(sys.argv[2])] if len(sys.argv) > 2 else sorted(
        int(m[1]) for f in os.listdir(folder) if (m := re.fullmatch(r"ours-(\d+)\.txt", f))
    )
    print(f"{'nodes':>9} {'program':<12} {'wall s':>9} {'cpu s':>9} {'stress':>7}  times as long as ours")
    for size in sizes:
        edges = [(int(a), int(b)) for a, b in read(folder, "edges", size)]
        pairs = [(int(s), int(t), int(d)) for s, t, d in read(folder, "pairs", size)]
        n = 1 + max(max(e) for e in edges)
        ours, own = (float(x) for x in read(folder, "ours", size)[0])
        print(f"{size:>9} {'trustmap':<12} {ours:>9.3f} {'':>9} {own:>7.4f}")
        for name, run in (("sfdp", sfdp), ("OGDF FMMM", fmmm)):
            try:
                wall, cpu, at = run(edges, n)
            except (FileNotFoundError, ImportError) as why:
                print(f"{size:>9} {name:<12} not here: {why}")
                continue
            print(f"{size:>9} {name:<12} {wall:>9.3f} {cpu:>9.3f} {stress(pairs, at):>7.4f}  {wall / ours:.1f} (cpu {cpu / ours:.1f})")


if __name__ == "__main__":
    main()
