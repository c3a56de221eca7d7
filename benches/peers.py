#!/usr/bin/env python3
"""Peers on the same graph: what every credential reaches, without gates.

Write the graphs first, and note the time the table gives for every radius without gates:

    cargo bench --bench scale --no-default-features -- --export FOLDER 10000 100000
    python3 benches/peers.py FOLDER/estate-100000.bin --ours 0.045

It needs Python 3 and whichever of igraph, networkx and rustworkx are to be compared; it installs nothing
(pip install igraph networkx rustworkx). Peers that would take longer than --seconds are asked for an even sample of the
credentials, ordered by number, and their time is scaled up; the table says so.
"""

import argparse
import importlib
import struct
import sys
import time
from array import array


def read(path):
    with open(path, "rb") as file:
        nodes, edges = struct.unpack("<II", file.read(8))
        kinds = file.read(nodes)
        ends = array("I")
        ends.frombytes(file.read(8 * edges))
    if sys.byteorder == "big":
        ends.byteswap()
    return nodes, kinds, list(zip(ends[0::2], ends[1::2]))


def igraph_reach(nodes, edges):
    graph = importlib.import_module("igraph").Graph(n=nodes, edges=edges, directed=True)
    return lambda node: graph.subcomponent(node, mode="out")


def networkx_reach(nodes, edges):
    networkx = importlib.import_module("networkx")
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(edges)
    return lambda node: networkx.descendants(graph, node)


def rustworkx_reach(nodes, edges):
    rustworkx = importlib.import_module("rustworkx")
    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from_no_data(edges)
    return lambda node: rustworkx.descendants(graph, node)


PEERS = {"igraph": igraph_reach, "rustworkx": rustworkx_reach, "networkx": networkx_reach}


def measure(reach, credentials, seconds):
    """Time, and how many credentials were asked."""
    # A small even sample tells how many can be asked in the time given.
    sample = credentials[:: max(1, len(credentials) // 64)]
    start = time.perf_counter()
    for node in sample:
        reach(node)
    each = (time.perf_counter() - start) / len(sample)
    asked = credentials[:: max(1, int(each * len(credentials) / seconds))]
    start = time.perf_counter()
    for node in asked:
        reach(node)
    return time.perf_counter() - start, len(asked)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("graph", help="a graph that the bench exported")
    parser.add_argument("--ours", type=float, required=True, help="seconds the bench took for every radius, no gates")
    parser.add_argument("--seconds", type=float, default=60.0, help="about how long each peer may take")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    asked = parser.parse_args()
    nodes, kinds, edges = read(asked.graph)
    credentials = [node for node in range(nodes) if kinds[node]]
    print(f"{nodes} nodes, {len(edges)} edges, {len(credentials)} credentials; ours {asked.ours:.3f} s\n")
    print("| peer | version | asked | took | all credentials | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in asked.peers:
        try:
            version = importlib.import_module(name).__version__
        except ImportError:
            print(f"| {name} | not installed: pip install {name} | | | | |")
            continue
        reach = PEERS[name](nodes, edges)
        took, count = measure(reach, credentials, asked.seconds)
        whole = took * len(credentials) / count
        scaled = "" if count == len(credentials) else " (scaled)"
        print(
            f"| {name} | {version} | {count} | {took:.2f} s | {whole:.2f} s{scaled} | {whole / asked.ours:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
