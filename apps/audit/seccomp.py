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
NUMBER_AT, ARCHITECTURE_AT, COMMAND_AT = 0, 4, 24  # the command is the lower half of the second argument
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
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    # what would let it outlive who looks after it
    "prctl": (157, 167),
    "setsid": (112, 157),
    "setpgid": (109, 154),
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
# Of fcntl and ioctl only some commands: F_SETOWN, F_SETSIG and F_SETOWN_EX send signals, TIOCSTI and TIOCLINUX type
# into the terminal of whoever started us.
DENIED_COMMANDS = (((72, 25), (8, 10, 15)), ((16, 29), (0x5412, 0x541C)))


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
    return b"".join(
        [
            instruction(LOAD, ARCHITECTURE_AT),
            instruction(JUMP_IF_EQUAL, ARCHITECTURES[machine], 1, 0),
            instruction(RETURN, KILL),
            instruction(LOAD, NUMBER_AT),
            *refuse_if(JUMP_IF_AT_LEAST, X32_BIT),
            *(each for number in numbers for each in refuse_if(JUMP_IF_EQUAL, number)),
            *(commands_refused(call[column], commands) for call, commands in DENIED_COMMANDS),
            instruction(RETURN, ALLOW),
        ]
    )


def refuse_if(comparison: int, value: int) -> tuple[bytes, bytes]:
    return instruction(comparison, value, 0, 1), instruction(RETURN, REFUSE)


def commands_refused(number: int, commands: tuple[int, ...]) -> bytes:
    """Refuse these commands of one call. Its number is loaded before, and its others pass at once."""
    tests = b"".join(each for command in commands for each in refuse_if(JUMP_IF_EQUAL, command))
    body = instruction(LOAD, COMMAND_AT) + tests + instruction(RETURN, ALLOW)
    return instruction(JUMP_IF_EQUAL, number, 0, len(body) // 8) + body


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
