"""seccomp: a Linux process gives up system calls, which from then on fail with EPERM.

A small program for the kernel's packet filter looks at each call's number. See seccomp(2).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER_AT, ARCHITECTURE_AT = 0, 4
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
X32_BIT = 0x40000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# By name, the numbers on x86_64 and on aarch64; None where there is no such call.
DENIED: dict[str, tuple[int, int | None]] = {
    # processes, and what reaches into them
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "clone3": (435, 435),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    # the network
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # the system, and what has been a way into the kernel
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "personality": (135, 92),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_known_here() -> bool:
    """Whether the numbers above are those of this machine, and its kernel can filter."""
    if sys.platform != "linux" or platform.machine() not in ARCHITECTURES or sys.maxsize < 1 << 32:
        return False
    # Asked for without a filter, it says EFAULT where it would take one.
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(PR_SET_SECCOMP, MODE_FILTER, None, 0, 0) != 0 and ctypes.get_errno() == errno.EFAULT


def restrict() -> None:
    """Give up the denied calls, for good. Needs `no_new_privs`; raises OSError."""
    instructions = program(platform.machine())
    filter_ = Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(filter_), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def program(machine: str) -> bytes:
    """The filter for a machine: another architecture's calls kill, denied ones are refused, all others pass."""
    column = list(ARCHITECTURES).index(machine)
    numbers = sorted(number for each in DENIED.values() if (number := each[column]) is not None)
    refuse = len(numbers) + 1  # how far the first comparison is from the end
    return b"".join(
        [
            instruction(LOAD, ARCHITECTURE_AT),
            instruction(JUMP_IF_EQUAL, ARCHITECTURES[machine], 1, 0),
            instruction(RETURN, KILL),
            instruction(LOAD, NUMBER_AT),
            instruction(JUMP_IF_AT_LEAST, X32_BIT, refuse, 0),
            *(instruction(JUMP_IF_EQUAL, number, refuse - at - 1, 0) for at, number in enumerate(numbers)),
            instruction(RETURN, ALLOW),
            instruction(RETURN, REFUSE),
        ]
    )


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
