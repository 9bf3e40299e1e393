# SPDX-License-Identifier: Apache-2.0
"""Runs the layers of `igqsim vectors` through examples/serial_assign with cocotb (1.8 or later), which drives Icarus or
Verilator from Python.

NOT RUN: Debian 12 has no cocotb, so no check of igqsim runs the coroutines below. What needs no cocotb, read_vectors(), is
run by a test. With cocotb installed, beside serial_assign.sv and a folder `vectors`:

    make -f $(cocotb-config --makefiles)/Makefile.sim SIM=icarus TOPLEVEL_LANG=verilog \\
         VERILOG_SOURCES=serial_assign.sv TOPLEVEL=serial_assign MODULE=test_serial_assign
"""
import json
import pathlib


def read_vectors(folder="vectors"):
    """Layers as dictionaries: those of index.json with bounds [(lower, upper)], beats and expected entries."""
    folder = pathlib.Path(folder)
    index = json.loads((folder / "index.json").read_text())
    words = {name: [int(word, 16) for word in (folder / f"{name}.hex").read_text().split()]
             for name in ("layers", "bounds", "beats", "entries")}

    def signed(value):
        return value - 0x10000 if value & 0x8000 else value

    for i, layer in enumerate(index["layers"]):
        num_beats = words["layers"][12 * i + 6]
        bounds = words["bounds"][layer["first_bound"]:][:layer["groups"]]
        layer["bounds"] = [(signed(word & 0xffff), signed(word >> 16)) for word in bounds]
        layer["beats"] = words["beats"][layer["first_beat"]:][:num_beats]
        layer["entries"] = [(word & 0xffff, word >> 16 & 0xff, word >> 24 & 1, word >> 25 & 1)
                            for word in words["entries"][layer["first_entry"]:][:layer["channels"]]]
    return index["layers"]


try:
    import cocotb
    from cocotb.clock import Clock
    from cocotb.triggers import FallingEdge
except ImportError:
    cocotb = None

if cocotb:
    # Everything is driven in the middle of a cycle, so that what is seen there is taken at its end.
    async def run_layer(dut, layer):
        for group, (lower, upper) in enumerate(layer["bounds"]):
            dut.cfg_write.value, dut.cfg_index.value = 1, group
            dut.cfg_low.value, dut.cfg_high.value = lower & 0xffff, upper & 0xffff
            await FallingEdge(dut.clock)
        dut.cfg_write.value = 0
        dut.tokens.value, dut.channels.value, dut.groups.value = layer["tokens"], layer["channels"], layer["groups"]
        dut.start.value = 1
        while not dut.idle.value:
            await FallingEdge(dut.clock)
        await FallingEdge(dut.clock)
        dut.start.value = 0
        for beat in layer["beats"]:
            dut.in_valid.value, dut.in_data.value = 1, beat
            while not dut.in_ready.value:
                await FallingEdge(dut.clock)
            await FallingEdge(dut.clock)
        dut.in_valid.value = 0
        dut.out_ready.value = 1
        got = []
        while len(got) < layer["channels"]:
            if dut.out_valid.value:
                got.append(tuple(int(port.value) for port in
                                 (dut.out_channel, dut.out_group, dut.out_end_of_group, dut.out_end)))
            await FallingEdge(dut.clock)
        dut.out_ready.value = 0
        return got

    @cocotb.test()
    async def lists_are_those_of_the_model(dut):
        cocotb.start_soon(Clock(dut.clock, 2, units="ns").start())
        for port in (dut.cfg_write, dut.start, dut.in_valid, dut.out_ready):
            port.value = 0
        dut.reset.value = 1
        await FallingEdge(dut.clock)
        await FallingEdge(dut.clock)
        dut.reset.value = 0
        for i, layer in enumerate(read_vectors()):
            got = await run_layer(dut, layer)
            assert got == layer["entries"], f"layer {i} ({layer['name']}): expected {layer['entries']}, got {got}"
