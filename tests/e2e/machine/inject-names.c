/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of system calls, constants and errors, as the C headers have them. */
#define _GNU_SOURCE
#include "inject.h"

#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

/* Newer than the headers of Debian 12. */
#ifndef SYS_lsm_get_self_attr
#    define SYS_lsm_get_self_attr 459
#    define SYS_lsm_set_self_attr 460
#endif

struct name {
    const char *name;
    long long value;
};

/* As many to a line as there is room for. */
/* clang-format off */
#define CALL(name) {#name, SYS_##name},
static const struct name calls[] = {
    CALL(accept) CALL(accept4) CALL(acct) CALL(add_key) CALL(adjtimex) CALL(alarm)
    CALL(arch_prctl) CALL(bind) CALL(bpf) CALL(capset) CALL(chdir) CALL(chmod) CALL(chown)
    CALL(chroot) CALL(clock_settime) CALL(clone) CALL(clone3) CALL(close) CALL(connect)
    CALL(copy_file_range) CALL(creat) CALL(delete_module) CALL(dup) CALL(dup3) CALL(epoll_create1)
    CALL(eventfd2) CALL(execve) CALL(execveat) CALL(faccessat2) CALL(fallocate)
    CALL(fanotify_init) CALL(fanotify_mark) CALL(fchdir) CALL(fchmod) CALL(fchmodat) CALL(fchown)
    CALL(fchownat) CALL(fcntl) CALL(fgetxattr) CALL(finit_module) CALL(flock) CALL(fork)
    CALL(fsconfig) CALL(fsetxattr) CALL(fsmount) CALL(fsopen) CALL(fspick) CALL(fsync)
    CALL(ftruncate) CALL(get_robust_list) CALL(getdents64) CALL(getpeername) CALL(getpid)
    CALL(getppid) CALL(getpriority) CALL(getsockname) CALL(getsockopt) CALL(gettid) CALL(getuid)
    CALL(getxattr) CALL(init_module) CALL(inotify_add_watch) CALL(inotify_init1)
    CALL(io_uring_enter) CALL(io_uring_setup) CALL(ioctl) CALL(ioperm) CALL(iopl) CALL(ioprio_set)
    CALL(kcmp) CALL(kexec_load) CALL(keyctl) CALL(kill) CALL(landlock_create_ruleset) CALL(linkat)
    CALL(listen) CALL(lookup_dcookie) CALL(lsetxattr) CALL(lsm_get_self_attr)
    CALL(lsm_set_self_attr) CALL(membarrier) CALL(memfd_create) CALL(migrate_pages) CALL(mkdirat)
    CALL(mknodat) CALL(mlockall) CALL(mmap) CALL(modify_ldt) CALL(mount) CALL(mount_setattr)
    CALL(move_mount) CALL(move_pages) CALL(mprotect) CALL(mq_open) CALL(mq_unlink) CALL(msgget)
    CALL(msgsnd) CALL(munmap) CALL(name_to_handle_at) CALL(nanosleep) CALL(newfstatat) CALL(open)
    CALL(open_by_handle_at) CALL(open_tree) CALL(openat) CALL(openat2) CALL(pause)
    CALL(perf_event_open) CALL(personality) CALL(pidfd_getfd) CALL(pidfd_open)
    CALL(pidfd_send_signal) CALL(pipe2) CALL(pivot_root) CALL(prctl) CALL(pread64) CALL(prlimit64)
    CALL(process_madvise) CALL(process_mrelease) CALL(process_vm_readv) CALL(process_vm_writev)
    CALL(ptrace) CALL(pwrite64) CALL(quotactl) CALL(read) CALL(readlinkat) CALL(reboot)
    CALL(recvfrom) CALL(recvmsg) CALL(removexattr) CALL(renameat) CALL(renameat2)
    CALL(request_key) CALL(rt_sigqueueinfo) CALL(rt_tgsigqueueinfo) CALL(sched_setaffinity)
    CALL(sched_setattr) CALL(sched_setparam) CALL(sched_setscheduler) CALL(seccomp) CALL(semctl)
    CALL(semget) CALL(sendfile) CALL(sendmsg) CALL(sendto) CALL(setfsuid) CALL(setgid)
    CALL(setgroups) CALL(sethostname) CALL(setitimer) CALL(setns) CALL(setpgid) CALL(setpriority)
    CALL(setresuid) CALL(setrlimit) CALL(setsid) CALL(setsockopt) CALL(settimeofday) CALL(setuid)
    CALL(setxattr) CALL(shmat) CALL(shmctl) CALL(shmget) CALL(shutdown) CALL(signalfd4)
    CALL(socket) CALL(socketpair) CALL(splice) CALL(statx) CALL(swapon) CALL(symlinkat) CALL(sync)
    CALL(syncfs) CALL(syslog) CALL(tee) CALL(tgkill) CALL(timer_create) CALL(timer_delete)
    CALL(timer_settime) CALL(timerfd_create) CALL(timerfd_settime) CALL(tkill) CALL(truncate)
    CALL(umask) CALL(umount2) CALL(unlinkat) CALL(unshare) CALL(userfaultfd) CALL(utimensat)
    CALL(vfork) CALL(vhangup) CALL(vmsplice) CALL(wait4) CALL(write)
};

#define CONSTANT(name) {#name, (long long)(name)},
static const struct name constants[] = {
    CONSTANT(O_RDONLY) CONSTANT(O_WRONLY) CONSTANT(O_RDWR) CONSTANT(O_CREAT) CONSTANT(O_EXCL)
    CONSTANT(O_TRUNC) CONSTANT(O_APPEND) CONSTANT(O_PATH) CONSTANT(O_NOFOLLOW)
    CONSTANT(O_DIRECTORY) CONSTANT(O_CLOEXEC) CONSTANT(O_NONBLOCK) CONSTANT(O_TMPFILE)
    CONSTANT(O_ASYNC) CONSTANT(AT_FDCWD) CONSTANT(AT_EMPTY_PATH) CONSTANT(AT_SYMLINK_FOLLOW)
    CONSTANT(AT_SYMLINK_NOFOLLOW) CONSTANT(AT_REMOVEDIR) CONSTANT(RENAME_EXCHANGE)
    CONSTANT(RENAME_NOREPLACE) CONSTANT(STATX_ALL) CONSTANT(S_IFREG) CONSTANT(S_IFBLK)
    CONSTANT(S_IFCHR) CONSTANT(S_IFIFO) CONSTANT(S_IFSOCK) CONSTANT(F_SETOWN)
    CONSTANT(F_SETOWN_EX) CONSTANT(F_SETSIG) CONSTANT(F_SETFL) CONSTANT(F_GETFL) CONSTANT(F_SETFD)
    CONSTANT(F_SETLEASE) CONSTANT(F_NOTIFY) CONSTANT(F_OWNER_PID) CONSTANT(F_SETPIPE_SZ)
    CONSTANT(F_SETLK) CONSTANT(F_ADD_SEALS) CONSTANT(FIOSETOWN) CONSTANT(SIOCSPGRP)
    CONSTANT(FIOASYNC) CONSTANT(TIOCSTI) CONSTANT(DN_MODIFY) CONSTANT(DN_CREATE)
    CONSTANT(DN_MULTISHOT) CONSTANT(SIGKILL) CONSTANT(SIGTERM) CONSTANT(SIGSTOP) CONSTANT(SIGUSR1)
    CONSTANT(SIGCONT) CONSTANT(SIGIO) CONSTANT(SIGHUP) CONSTANT(SIGEV_SIGNAL)
    CONSTANT(SIGEV_THREAD_ID) CONSTANT(CLOCK_REALTIME) CONSTANT(CLOCK_MONOTONIC)
    CONSTANT(ITIMER_REAL) CONSTANT(RLIMIT_CPU) CONSTANT(RLIMIT_NOFILE) CONSTANT(RLIMIT_CORE)
    CONSTANT(PRIO_PROCESS) CONSTANT(PRIO_USER) CONSTANT(SCHED_FIFO) CONSTANT(SCHED_IDLE)
    CONSTANT(PROT_READ) CONSTANT(PROT_WRITE) CONSTANT(PROT_EXEC) CONSTANT(MAP_SHARED)
    CONSTANT(MAP_PRIVATE) CONSTANT(MAP_ANONYMOUS) CONSTANT(MFD_CLOEXEC) CONSTANT(PTRACE_ATTACH)
    CONSTANT(PTRACE_SEIZE)
    CONSTANT(PTRACE_INTERRUPT) CONSTANT(PTRACE_DETACH) CONSTANT(__WALL) CONSTANT(AF_UNIX) CONSTANT(AF_INET) CONSTANT(AF_INET6)
    CONSTANT(AF_NETLINK) CONSTANT(AF_PACKET) CONSTANT(AF_VSOCK) CONSTANT(AF_ALG)
    CONSTANT(AF_BLUETOOTH) CONSTANT(AF_KEY) CONSTANT(AF_CAN) CONSTANT(AF_TIPC) CONSTANT(AF_RDS)
    CONSTANT(SOCK_STREAM) CONSTANT(SOCK_DGRAM) CONSTANT(SOCK_RAW) CONSTANT(SOCK_SEQPACKET)
    CONSTANT(SOL_SOCKET) CONSTANT(SCM_RIGHTS) CONSTANT(SO_PEERCRED) CONSTANT(MSG_DONTWAIT)
    CONSTANT(MSG_NOSIGNAL) CONSTANT(CLONE_NEWNS) CONSTANT(CLONE_NEWNET) CONSTANT(CLONE_NEWPID)
    CONSTANT(CLONE_NEWUSER) CONSTANT(CLONE_NEWUTS) CONSTANT(CLONE_NEWIPC)
    CONSTANT(CLONE_NEWCGROUP) CONSTANT(CLONE_VM) CONSTANT(CLONE_FS) CONSTANT(CLONE_FILES)
    CONSTANT(CLONE_SIGHAND) CONSTANT(CLONE_PARENT) CONSTANT(CLONE_PIDFD) CONSTANT(MS_BIND)
    CONSTANT(MS_REMOUNT) CONSTANT(MS_REC) CONSTANT(MS_PRIVATE) CONSTANT(MS_SLAVE)
    CONSTANT(MS_RDONLY) CONSTANT(MS_MOVE) CONSTANT(MNT_DETACH) CONSTANT(OPEN_TREE_CLONE)
    CONSTANT(AT_RECURSIVE) CONSTANT(MOVE_MOUNT_F_EMPTY_PATH) CONSTANT(PR_SET_DUMPABLE)
    CONSTANT(PR_SET_PTRACER) CONSTANT(PR_SET_NAME) CONSTANT(PR_SET_MM) CONSTANT(PR_SET_PDEATHSIG)
    CONSTANT(PR_CAP_AMBIENT) CONSTANT(PR_SET_SECCOMP) CONSTANT(PR_SET_NO_NEW_PRIVS)
    CONSTANT(PR_CAPBSET_READ) CONSTANT(KEYCTL_GET_KEYRING_ID)
    CONSTANT(KEYCTL_JOIN_SESSION_KEYRING) CONSTANT(KEYCTL_READ) CONSTANT(KEYCTL_DESCRIBE)
    CONSTANT(KEYCTL_SETPERM) CONSTANT(KEYCTL_REVOKE) CONSTANT(KEY_SPEC_SESSION_KEYRING)
    CONSTANT(KEY_SPEC_USER_KEYRING) CONSTANT(KEY_SPEC_PROCESS_KEYRING) CONSTANT(BPF_MAP_CREATE)
    CONSTANT(BPF_PROG_LOAD) CONSTANT(PERF_TYPE_SOFTWARE) CONSTANT(PERF_TYPE_HARDWARE)
    CONSTANT(IPC_CREAT) CONSTANT(IPC_PRIVATE) CONSTANT(FAN_CLASS_NOTIF)
    CONSTANT(FAN_CLASS_CONTENT) CONSTANT(IN_ALL_EVENTS)
};

static const struct name errors[] = {
    CONSTANT(EPERM) CONSTANT(ENOENT) CONSTANT(ESRCH) CONSTANT(EINTR) CONSTANT(EIO) CONSTANT(ENXIO)
    CONSTANT(E2BIG) CONSTANT(ENOEXEC) CONSTANT(EBADF) CONSTANT(ECHILD) CONSTANT(EAGAIN)
    CONSTANT(ENOMEM) CONSTANT(EACCES) CONSTANT(EFAULT) CONSTANT(ENOTBLK) CONSTANT(EBUSY)
    CONSTANT(EEXIST) CONSTANT(EXDEV) CONSTANT(ENODEV) CONSTANT(ENOTDIR) CONSTANT(EISDIR)
    CONSTANT(EINVAL) CONSTANT(ENFILE) CONSTANT(EMFILE) CONSTANT(ENOTTY) CONSTANT(ETXTBSY)
    CONSTANT(EFBIG) CONSTANT(ENOSPC) CONSTANT(ESPIPE) CONSTANT(EROFS) CONSTANT(EMLINK)
    CONSTANT(EPIPE) CONSTANT(EDOM) CONSTANT(ERANGE) CONSTANT(EDEADLK) CONSTANT(ENAMETOOLONG)
    CONSTANT(ENOSYS) CONSTANT(ENOTEMPTY) CONSTANT(ELOOP) CONSTANT(ENODATA) CONSTANT(ENOKEY)
    CONSTANT(EOVERFLOW) CONSTANT(EOPNOTSUPP) CONSTANT(EAFNOSUPPORT) CONSTANT(EPROTONOSUPPORT)
    CONSTANT(ESOCKTNOSUPPORT) CONSTANT(ECONNREFUSED) CONSTANT(ENOTCONN) CONSTANT(EISCONN)
    CONSTANT(EPROTOTYPE) CONSTANT(EDESTADDRREQ) CONSTANT(ESTALE) CONSTANT(EKEYREJECTED)
    CONSTANT(EUSERS) CONSTANT(ENOTSOCK) CONSTANT(ENOBUFS)
};
/* clang-format on */

static const struct name *
find(const struct name *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i].name, name) == 0)
            return &names[i];
    return NULL;
}

#define FIND(names, name) find((names), sizeof(names) / sizeof *(names), (name))

bool
call_number(const char *name, long *number)
{
    const struct name *found = FIND(calls, name);

    if (found)
        *number = (long)found->value;
    return found != NULL;
}

bool
constant_value(const char *name, uint64_t *value)
{
    const struct name *found = FIND(constants, name);

    if (found)
        *value = (uint64_t)found->value;
    return found != NULL;
}

const char *
error_name(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].value == error)
            return errors[i].name;
    return NULL;
}
