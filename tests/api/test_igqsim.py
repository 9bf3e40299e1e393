# SPDX-License-Identifier: Apache-2.0
"""The Python module: the same figures as the program, tables of sweeps, errors as exceptions, threads."""
import json
import subprocess
import sys
import tempfile
import threading
import unittest

import igqsim

PROGRAM = sys.argv.pop(1)
RUN = {"accelerator": "igq_temporal", "workload": "deit_tiny"}


class Module(unittest.TestCase):
    def test_a_run_is_the_report_of_the_program(self):
        paths = {"accelerator": "configs/accelerators/igq_temporal.yaml", "workload": "configs/workloads/deit_tiny.yaml"}
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROGRAM, "run", "-a", paths["accelerator"], "-w", paths["workload"], "--no-html", "-q", "-o", folder],
                           check=True, stdout=subprocess.DEVNULL)
            with open(folder + "/report.json", encoding="utf-8") as file:
                self.assertEqual(igqsim.run(**paths), json.load(file))

    def test_sets_are_a_dictionary(self):
        machine = igqsim.describe(accelerator="igq_temporal", sets={"mac_array.lanes": 32})
        self.assertEqual(machine["mac_array"]["lanes"], 32)

    def test_a_sweep_is_a_table(self):
        table = igqsim.sweep({"mac_array.lanes": [32, 64, -1]}, ["totals.cycles"], **RUN)
        self.assertEqual([row["mac_array.lanes"] for row in table], [32, 64, -1])
        self.assertGreater(table[0]["totals.cycles"], table[1]["totals.cycles"])
        self.assertEqual(table[1]["totals.cycles"], igqsim.figure(igqsim.run(**RUN), "totals.cycles"))
        self.assertIsNone(table[2]["totals.cycles"])
        self.assertIn("mac_array.lanes=-1", table[2]["error"])

    def test_faults_are_exceptions(self):
        with self.assertRaisesRegex(igqsim.Error, "nowhere: cannot open"):
            igqsim.run(accelerator="nowhere", workload="deit_tiny")
        with self.assertRaisesRegex(TypeError, "'machine': no option of a run"):
            igqsim.run(machine="igq_temporal")

    def test_threads(self):
        expected, found = igqsim.run(**RUN), []
        threads = [threading.Thread(target=lambda: found.append(igqsim.run(**RUN))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [expected] * 3)

    def test_the_log_hears_of_images(self):
        lines = []
        igqsim.run(log=lines.append, calibration="deit_tiny_w4a4_g8", trace="deit_tiny_chelsea", **RUN)
        self.assertEqual(lines, ["image 1/1 chelsea_224"])


unittest.main()
