/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/filter.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* From pidfd_send_signal on, number 424, all architectures count alike, from a start of their own. */
#define NUMBER(common) (SYS_pidfd_send_signal - 424 + (common))

/* The newest that was looked at, file_setattr of Linux 6.17. */
#define LAST_NUMBER NUMBER(469)

/* Calls of the processor's own, which arm has far above all others. */
#define PRIVATE_NUMBERS 0x000f0000

/* x86-64 answers to the numbers of x32 besides, which have this bit. */
#define X32_NUMBERS 0x40000000

/* The half of a 64-bit argument that BPF's 32-bit loads find the number in. */
#define LOW_HALF (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0)

#define NEW_NAMESPACES                                                                            \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
     CLONE_NEWNET)
#define NEW_TIME 0x80 /* CLONE_NEWTIME; in clone()'s flags it is part of a signal's number */

#ifdef __s390__
#    define CLONE_FLAGS 1 /* the stack comes first, clone(2) */
#else
#    define CLONE_FLAGS 0
#endif

typedef enum {
    REFUSED,
    ABSENT,               /* ENOSYS, for which the C library has another way */
    REFUSED_VALUE,        /* where the argument is @value */
    REFUSED_BITS,         /* where it has any bit of @value */
    REFUSED_WITHOUT_BIT,  /* where it lacks the one that is in @value */
    REFUSED_TO_OTHERS,    /* where it is not the number of this process */
    REFUSED_ABOUT_OTHERS, /* the same, and 0, which means the caller, is allowed */
    REFUSED_XATTR,        /* where the share has no extended attributes */
    REFUSED_HANDLES,      /* where it uses no file handles */
} Kind;

typedef struct {
    int number;
    Kind kind;
    unsigned argument;
    uint32_t value;
} Rule;

static const Rule rules[] = {
    /* ---- no socket but those that it has; io_uring can do all of this by itself ---- */
    {SYS_socket},
    {SYS_socketpair},
    {SYS_connect},
    {SYS_io_uring_setup},
    {SYS_io_uring_enter},
    {SYS_io_uring_register},
#ifdef SYS_socketcall
    {SYS_socketcall, REFUSED_VALUE, 0, SYS_SOCKET},
    {SYS_socketcall, REFUSED_VALUE, 0, SYS_CONNECT},
    {SYS_socketcall, REFUSED_VALUE, 0, SYS_SOCKETPAIR},
#endif

    /*
     * ---- no signal to anybody else ----
     *
     * The owner of a descriptor gets any signal that F_SETSIG names, with no more check than that
     * the one who named it was root when he did.
     */
    {SYS_kill, REFUSED_TO_OTHERS, 0},
    {SYS_tgkill, REFUSED_TO_OTHERS, 0}, /* abort(), and setuid() of the C library */
    {SYS_tkill},
    {SYS_rt_sigqueueinfo, REFUSED_TO_OTHERS, 0},
    {SYS_rt_tgsigqueueinfo, REFUSED_TO_OTHERS, 0},
    {SYS_pidfd_send_signal},
    {SYS_fcntl, REFUSED_VALUE, 1, F_SETOWN},
    {SYS_fcntl, REFUSED_VALUE, 1, F_SETOWN_EX},
    {SYS_fcntl, REFUSED_VALUE, 1, F_SETSIG},
    {SYS_fcntl, REFUSED_VALUE, 1, F_SETLEASE}, /* would hold up whoever opens the file */
    {SYS_fcntl, REFUSED_VALUE, 1, F_NOTIFY},
#ifdef SYS_fcntl64
    {SYS_fcntl64, REFUSED_VALUE, 1, F_SETOWN},
    {SYS_fcntl64, REFUSED_VALUE, 1, F_SETOWN_EX},
    {SYS_fcntl64, REFUSED_VALUE, 1, F_SETSIG},
    {SYS_fcntl64, REFUSED_VALUE, 1, F_SETLEASE},
    {SYS_fcntl64, REFUSED_VALUE, 1, F_NOTIFY},
#endif
    {SYS_ioctl, REFUSED_VALUE, 1, FIOSETOWN},
    {SYS_ioctl, REFUSED_VALUE, 1, SIOCSPGRP},
    {SYS_ioctl, REFUSED_VALUE, 1, FIOASYNC},
    {SYS_ioctl, REFUSED_VALUE, 1, TIOCSTI}, /* types on a terminal */
    {SYS_ioctl, REFUSED_VALUE, 1, TIOCLINUX},

    /* ---- nothing is done to another process, or seen of it ---- */
    {SYS_ptrace},
    {SYS_process_vm_readv},
    {SYS_process_vm_writev},
    {NUMBER(440)}, /* process_madvise */
    {NUMBER(448)}, /* process_mrelease */
    {NUMBER(434)}, /* pidfd_open */
    {NUMBER(438)}, /* pidfd_getfd */
    {SYS_kcmp},
    {SYS_migrate_pages},
    {SYS_move_pages},
    {SYS_prlimit64, REFUSED_ABOUT_OTHERS, 0},
    {SYS_setpriority},
    {SYS_ioprio_set},
    {SYS_sched_setscheduler},
    {SYS_sched_setparam},
    {SYS_sched_setattr, REFUSED_ABOUT_OTHERS, 0},
    {SYS_sched_setaffinity, REFUSED_ABOUT_OTHERS, 0},
    {SYS_setpgid},
    {SYS_prctl, REFUSED_VALUE, 0, 62}, /* PR_SCHED_CORE, which takes the number of a process */

    /* ---- threads, but no process, which would not be the one that may be signalled ---- */
    {SYS_clone, REFUSED_WITHOUT_BIT, CLONE_FLAGS, CLONE_THREAD},
    {SYS_clone, REFUSED_BITS, CLONE_FLAGS, NEW_NAMESPACES},
    {NUMBER(435), ABSENT}, /* clone3, whose flags are in memory; the C library then takes clone */
#ifdef SYS_fork
    {SYS_fork},
    {SYS_vfork},
#endif
    {SYS_execveat}, /* execve is how virtiofsd itself is started */
#ifdef SYS_uselib
    {SYS_uselib},
#endif

    /* ---- namespaces and mounts; chroot is left, both daemons call it ---- */
    {SYS_unshare, REFUSED_BITS, 0, NEW_NAMESPACES | NEW_TIME}, /* CLONE_FS: each thread its umask */
    {SYS_setns},
    {SYS_mount},
    {SYS_umount2},
#ifdef SYS_umount
    {SYS_umount},
#endif
    {SYS_pivot_root},
    {NUMBER(428)}, /* open_tree */
    {NUMBER(429)}, /* move_mount */
    {NUMBER(430)}, /* fsopen */
    {NUMBER(431)}, /* fsconfig */
    {NUMBER(432)}, /* fsmount */
    {NUMBER(433)}, /* fspick */
    {NUMBER(442)}, /* mount_setattr */
    {NUMBER(457)}, /* statmount */
    {NUMBER(458)}, /* listmount */
    {NUMBER(467)}, /* open_tree_attr */

    /* ---- files that AppArmor's rules about paths do not see ---- */
    {SYS_open_by_handle_at, REFUSED_HANDLES},
    {SYS_setxattr, REFUSED_XATTR},
    {SYS_lsetxattr, REFUSED_XATTR},
    {SYS_fsetxattr, REFUSED_XATTR},
    {SYS_getxattr, REFUSED_XATTR},
    {SYS_lgetxattr, REFUSED_XATTR},
    {SYS_fgetxattr, REFUSED_XATTR},
    {SYS_listxattr, REFUSED_XATTR},
    {SYS_llistxattr, REFUSED_XATTR},
    {SYS_flistxattr, REFUSED_XATTR},
    {SYS_removexattr, REFUSED_XATTR},
    {SYS_lremovexattr, REFUSED_XATTR},
    {SYS_fremovexattr, REFUSED_XATTR},
    {NUMBER(463), REFUSED_XATTR}, /* setxattrat */
    {NUMBER(464), REFUSED_XATTR}, /* getxattrat */
    {NUMBER(465), REFUSED_XATTR}, /* listxattrat */
    {NUMBER(466), REFUSED_XATTR}, /* removexattrat */
    {NUMBER(469)},                /* file_setattr */
#ifdef SYS_inotify_init
    {SYS_inotify_init},
#endif
    {SYS_inotify_init1},
    {SYS_inotify_add_watch},
    {SYS_fanotify_init},
    {SYS_fanotify_mark},
    {SYS_quotactl},
    {NUMBER(443)}, /* quotactl_fd */

    /* ---- the kernel ---- */
    {SYS_add_key},
    {SYS_request_key},
    {SYS_keyctl},
    {SYS_bpf},
    {SYS_perf_event_open},
    {SYS_userfaultfd}, /* QEMU's daemon asks at its start whether there is one, and does without */
    {SYS_init_module},
    {SYS_finit_module},
    {SYS_delete_module},
    {SYS_kexec_load},
#ifdef SYS_kexec_file_load
    {SYS_kexec_file_load},
#endif
    {SYS_reboot},
    {SYS_swapon},
    {SYS_swapoff},
    {SYS_acct},
    {SYS_syslog},
    {SYS_vhangup},
    {SYS_personality},
    {SYS_settimeofday},
    {SYS_clock_settime},
    {SYS_adjtimex},
    {SYS_clock_adjtime},
#ifdef SYS_clock_settime64
    {SYS_clock_settime64},
    {SYS_clock_adjtime64},
#endif
#ifdef SYS_stime
    {SYS_stime},
#endif
    {SYS_sethostname},
    {SYS_setdomainname},
#ifdef SYS_lookup_dcookie
    {SYS_lookup_dcookie},
#endif
#ifdef SYS_nfsservctl
    {SYS_nfsservctl},
#endif
#ifdef SYS_iopl
    {SYS_iopl},
    {SYS_ioperm},
#endif
#ifdef SYS__sysctl
    {SYS__sysctl},
#endif
};

static_assert(sizeof(rules) / sizeof(rules[0]) * 6 + 16 <= FILTER_MAX_CODE, "all rules fit");

static void
add(Filter *filter, struct sock_filter step)
{
    filter->code[filter->program.len++] = step;
}

#define LOAD(offset) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define JUMP(how, k, yes, no) \
    (struct sock_filter) BPF_JUMP(BPF_JMP | (how) | BPF_K, (k), (yes), (no))
#define RETURN(action)    (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, (action))
#define FAIL_WITH(errnum) RETURN(SECCOMP_RET_ERRNO | (errnum))

static void
load_number(Filter *filter)
{
    add(filter, LOAD(offsetof(struct seccomp_data, nr)));
}

/* Refuses the call where the comparison says so, and leaves its number loaded where not. */
static void
add_comparison(Filter *filter, const Rule *rule, uint16_t how, uint32_t value, bool refuse_if)
{
    size_t arguments = offsetof(struct seccomp_data, args);

    add(filter, JUMP(BPF_JEQ, (uint32_t)rule->number, 0, 4));
    /* the kernel looks at these halves only, all of these arguments being ints */
    add(filter, LOAD(arguments + rule->argument * sizeof(uint64_t) + LOW_HALF));
    add(filter, JUMP(how, value, refuse_if ? 0 : 1, refuse_if ? 1 : 0));
    add(filter, FAIL_WITH(EPERM));
    load_number(filter);
}

static void
add_failure(Filter *filter, const Rule *rule, uint32_t errnum)
{
    add(filter, JUMP(BPF_JEQ, (uint32_t)rule->number, 0, 1));
    add(filter, FAIL_WITH(errnum));
}

/* Allowed is 0, or the number of the process. */
static void
add_about_others(Filter *filter, const Rule *rule, uint32_t self)
{
    size_t arguments = offsetof(struct seccomp_data, args);

    add(filter, JUMP(BPF_JEQ, (uint32_t)rule->number, 0, 5));
    add(filter, LOAD(arguments + rule->argument * sizeof(uint64_t) + LOW_HALF));
    add(filter, JUMP(BPF_JEQ, 0, 2, 0));
    add(filter, JUMP(BPF_JEQ, self, 1, 0));
    add(filter, FAIL_WITH(EPERM));
    load_number(filter);
}

static void
add_rule(Filter *filter, const Rule *rule, const FilterNeeds *needs)
{
    switch (rule->kind) {
    case REFUSED:
        add_failure(filter, rule, EPERM);
        return;
    case ABSENT:
        add_failure(filter, rule, ENOSYS);
        return;
    case REFUSED_VALUE:
        add_comparison(filter, rule, BPF_JEQ, rule->value, true);
        return;
    case REFUSED_BITS:
        add_comparison(filter, rule, BPF_JSET, rule->value, true);
        return;
    case REFUSED_WITHOUT_BIT:
        add_comparison(filter, rule, BPF_JSET, rule->value, false);
        return;
    case REFUSED_TO_OTHERS:
        add_comparison(filter, rule, BPF_JEQ, (uint32_t)needs->self, false);
        return;
    case REFUSED_ABOUT_OTHERS:
        add_about_others(filter, rule, (uint32_t)needs->self);
        return;
    case REFUSED_XATTR:
        if (!needs->xattr)
            add_failure(filter, rule, EPERM);
        return;
    case REFUSED_HANDLES:
        if (!needs->file_handles)
            add_failure(filter, rule, EPERM);
        return;
    }
}

void
filter_build(const FilterNeeds *needs, Filter *filter)
{
    filter->program = (struct sock_fprog){.len = 0, .filter = filter->code};
    /* the same numbers are other calls in another architecture's numbering */
    add(filter, LOAD(offsetof(struct seccomp_data, arch)));
    add(filter, JUMP(BPF_JEQ, NATIVE_AUDIT_ARCH, 1, 0));
    add(filter, FAIL_WITH(EPERM));
    load_number(filter);
#ifdef __x86_64__
    add(filter, JUMP(BPF_JGE, X32_NUMBERS, 0, 1));
    add(filter, FAIL_WITH(EPERM));
#endif
    add(filter, JUMP(BPF_JGE, PRIVATE_NUMBERS, 2, 0));
    add(filter, JUMP(BPF_JGT, LAST_NUMBER, 0, 1));
    add(filter, FAIL_WITH(ENOSYS));
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        add_rule(filter, &rules[i], needs);
    add(filter, RETURN(SECCOMP_RET_ALLOW));
}
