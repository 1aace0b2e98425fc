/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/filter.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>

/* What the kernel puts into seccomp_data.arch (syscall_get_arch() of each architecture). */
#if defined(__x86_64__)
#    define NATIVE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#    define NATIVE AUDIT_ARCH_I386
#elif defined(__aarch64__)
#    define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#    define NATIVE AUDIT_ARCH_ARM
#elif defined(__powerpc64__) && __BYTE_ORDER == __LITTLE_ENDIAN
#    define NATIVE AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#    define NATIVE AUDIT_ARCH_PPC64
#elif defined(__s390x__)
#    define NATIVE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#    define NATIVE AUDIT_ARCH_RISCV64
#elif defined(__loongarch64)
#    define NATIVE AUDIT_ARCH_LOONGARCH64
#elif defined(__mips__) && _MIPS_SIM == _ABI64 && __BYTE_ORDER == __LITTLE_ENDIAN
#    define NATIVE AUDIT_ARCH_MIPSEL64
#elif defined(__mips__) && _MIPS_SIM == _ABIO32 && __BYTE_ORDER == __LITTLE_ENDIAN
#    define NATIVE AUDIT_ARCH_MIPSEL
#else
#    error "which AUDIT_ARCH_… has this architecture?"
#endif

#define LOAD(field, more) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (more))
#define RETURN(action)        BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE                RETURN(SECCOMP_RET_ERRNO | EPERM)
#define UNLESS(value, skip)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define IF(value, skip)       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (skip), 0)
#define IF_BELOW(value, skip) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), 0, (skip))
#define REFUSE_CALL(number)   UNLESS((number), 1), REFUSE

/* The half of a 64-bit argument that BPF's 32-bit loads find the number in. */
#define LOW_HALF (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0)

static struct sock_filter code[] = {
    LOAD(arch, 0),
    IF(NATIVE, 1),
    REFUSE,
    LOAD(nr, 0),
#ifdef __x86_64__
    /* x32: the same architecture, other numbers */
    IF_BELOW(0x40000000, 1),
    REFUSE,
#endif
    REFUSE_CALL(SYS_socket),
    REFUSE_CALL(SYS_connect),
    REFUSE_CALL(SYS_io_uring_setup),
#ifdef SYS_socketcall
    UNLESS(SYS_socketcall, 4),
    LOAD(args[0], LOW_HALF),
    IF(SYS_SOCKET, 1),
    UNLESS(SYS_CONNECT, 1),
    REFUSE,
#endif
    RETURN(SECCOMP_RET_ALLOW),
};

const struct sock_fprog filter_program = {
    .len = sizeof(code) / sizeof(code[0]),
    .filter = code,
};
