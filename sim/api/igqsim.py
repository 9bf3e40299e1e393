# SPDX-License-Identifier: Apache-2.0
"""igqsim from Python: what igqsim.h offers, without anything to build.

    import igqsim
    report = igqsim.run(accelerator="igq_temporal", workload="deit_tiny")     # a dictionary: the keys of a report.json
    print(report["totals"]["cycles"])
    for row in igqsim.sweep({"mac_array.lanes": [32, 64]}, ["totals.cycles"], accelerator="igq_shared", workload="deit_tiny"):
        print(row)

Machines and networks are names of what comes with igqsim, paths, or (NAME_text) the text of a file. A fault raises
igqsim.Error with the lines that the program would print. Every call has a handle of its own, so that threads may call.
The library is $IGQSIM_LIBRARY, else the one beside this installation, else the system's.
"""
import ctypes
import itertools
import json
import os

ABI_VERSION = 1
INTERNAL_ERROR = 2


class Error(Exception):
    """Something that the caller can put right."""


class InternalError(Error):
    """A fault of igqsim, or memory is short."""


class _Options(ctypes.Structure):  # igq_run_options
    _fields_ = [
        ("struct_bytes", ctypes.c_size_t),
        ("accelerator", ctypes.c_char_p), ("accelerator_text", ctypes.c_char_p),
        ("workload", ctypes.c_char_p), ("workload_text", ctypes.c_char_p),
        ("calibration", ctypes.c_char_p), ("calibration_text", ctypes.c_char_p),
        ("technology", ctypes.c_char_p),
        ("trace", ctypes.c_char_p),
        ("weights", ctypes.c_char_p),
        ("images", ctypes.POINTER(ctypes.c_char_p)), ("num_images", ctypes.c_size_t),
        ("inputs", ctypes.c_char_p),
        ("labels", ctypes.c_char_p),
        ("scheme", ctypes.c_char_p),
        ("sets", ctypes.POINTER(ctypes.c_char_p)), ("num_sets", ctypes.c_size_t),
        ("mapping", ctypes.c_char_p),
        ("assign_rtl", ctypes.c_int),
    ]


_LISTS = {"images": "num_images", "sets": "num_sets"}
_LOG = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)


def _load():
    name = "libigqsim.so.%d" % ABI_VERSION
    here = os.path.dirname(os.path.abspath(__file__))  # PREFIX/lib/python3/dist-packages
    beside = os.path.join(here, "..", "..", name)
    library = ctypes.CDLL(os.environ.get("IGQSIM_LIBRARY") or (beside if os.path.exists(beside) else name))
    handle, text = ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)
    library.igq_open.argtypes = [ctypes.POINTER(handle)]
    library.igq_close.argtypes = [handle]
    library.igq_error_message.argtypes, library.igq_error_message.restype = [handle], ctypes.c_char_p
    library.igq_version.restype = ctypes.c_char_p
    library.igq_set_log.argtypes = [handle, _LOG, ctypes.c_void_p]
    library.igq_run.argtypes = library.igq_describe.argtypes = [handle, ctypes.POINTER(_Options), text]
    library.igq_free.argtypes = [ctypes.c_void_p]
    if library.igq_abi_version() < ABI_VERSION:
        raise ImportError("libigqsim has version %d of the ABI; allowed: %d or later" % (library.igq_abi_version(), ABI_VERSION))
    return library


_library = _load()
__version__ = _library.igq_version().decode()


def _options(arguments):
    options = _Options(struct_bytes=ctypes.sizeof(_Options))
    fields = dict(_Options._fields_)
    sets = arguments.get("sets")
    if isinstance(sets, dict):
        arguments = dict(arguments, sets=["%s=%s" % item for item in sets.items()])
    for name, value in arguments.items():
        if name not in fields or name in _LISTS.values() or name == "struct_bytes":
            raise TypeError("%r: no option of a run; allowed: %s" % (name, ", ".join(
                f for f in fields if f not in _LISTS.values() and f != "struct_bytes")))
        if value is None:
            continue
        if name in _LISTS:
            words = [os.fsencode(word) for word in value]
            setattr(options, name, (ctypes.c_char_p * len(words))(*words))
            setattr(options, _LISTS[name], len(words))
        else:
            setattr(options, name, int(value) if fields[name] is ctypes.c_int else os.fsencode(value))
    return options


def _call(function, arguments, log=None):
    handle, text = ctypes.c_void_p(), ctypes.c_void_p()
    if _library.igq_open(ctypes.byref(handle)) != 0:
        raise InternalError("not enough memory")
    try:
        listener = _LOG(lambda _, message: log(message.decode()) if log else None)
        _library.igq_set_log(handle, listener, None)
        status = function(handle, ctypes.byref(_options(arguments)), ctypes.byref(text))
        if status != 0:
            message = _library.igq_error_message(handle).decode(errors="replace")
            raise (InternalError if status == INTERNAL_ERROR else Error)(message)
        return json.loads(ctypes.string_at(text))
    finally:
        _library.igq_free(text)
        _library.igq_close(handle)


def run(log=None, **options):
    """The report of a run as a dictionary. Options are those of igq_run_options; sets may be a dictionary of keys. log is
    called with a line for each image."""
    return _call(_library.igq_run, options, log)


def describe(**options):
    """All keys of a machine, resolved, and peak_macs_per_cycle."""
    return _call(_library.igq_describe, options)


def figure(report, path):
    """The figure of a report that a path such as "totals.cycles" or "layers.3.cycles" names."""
    value = report
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def sweep(axes, figures, **options):
    """Runs every combination of axes, a dictionary of keys and their values, and gives a table: a dictionary for each run
    with the values of the axes, the wanted figures, and "error": None, or why the combination makes no machine."""
    fixed = options.pop("sets", None) or {}
    if not isinstance(fixed, dict):
        fixed = dict(word.split("=", 1) for word in fixed)
    table = []
    for values in itertools.product(*axes.values()):
        point = dict(zip(axes, values))
        row = dict(point, error=None)
        try:
            report = run(sets={**fixed, **point}, **options)
            row.update((path, figure(report, path)) for path in figures)
        except InternalError:
            raise
        except Error as fault:
            row.update(((path, None) for path in figures), error=str(fault))
        table.append(row)
    return table
