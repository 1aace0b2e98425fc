/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thread of a running process under ptrace(2): stopped, made to call, let
 * go. x86-64 only, as the suite's machines are.
 */
#define _GNU_SOURCE
#include "inject.h"
#include "seccomp-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PTRACE_O_SUSPEND_SECCOMP
#    define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif

/* In tenths of a millisecond's sleep: a call that has not returned by then waits for something. */
enum { PATIENCE = 30000, MAX_HELD = 32, SYSCALL_STOP = SIGTRAP | 0x80 };

static struct {
    pid_t tid;
    bool filtered;
    bool execed;          /* and so there is nothing to put back */
    uint64_t instruction; /* the address of a "syscall" in the vDSO */
    struct user_regs_struct saved;
    int held[MAX_HELD]; /* signals that came meanwhile */
    int n_held;
} thread;

enum stop { STOP_CALL, STOP_INTERRUPT, STOP_OTHER, STOP_NONE, STOP_END };

static enum stop
classify(int status)
{
    if (!WIFSTOPPED(status))
        return STOP_END;
    if (status >> 16 == PTRACE_EVENT_STOP)
        return STOP_INTERRUPT;
    if (WSTOPSIG(status) == SYSCALL_STOP)
        return STOP_CALL;
    if (thread.n_held < MAX_HELD)
        thread.held[thread.n_held++] = WSTOPSIG(status);
    return STOP_OTHER;
}

/* The next stop, or STOP_NONE after a while. */
static enum stop
next_stop(int patience)
{
    static const struct timespec moment = {.tv_nsec = 100000};
    int status;

    for (int i = 0; i < patience; i++) {
        pid_t pid = waitpid(thread.tid, &status, __WALL | WNOHANG);

        if (pid < 0)
            return STOP_END;
        if (pid > 0)
            return classify(status);
        /* Most calls return at once. */
        if (i > 20)
            nanosleep(&moment, NULL);
    }
    return STOP_NONE;
}

/* Runs on to the next entry to or return from a call. */
static enum stop
run_to_call(bool *interrupted)
{
    enum stop stop;

    do {
        if (ptrace(PTRACE_SYSCALL, thread.tid, NULL, 0L) < 0)
            return STOP_END;
        stop = next_stop(PATIENCE);
        if (stop == STOP_NONE) {
            *interrupted = true;
            if (ptrace(PTRACE_INTERRUPT, thread.tid, NULL, NULL) < 0)
                return STOP_END;
            stop = next_stop(PATIENCE);
        }
    } while (stop == STOP_INTERRUPT || stop == STOP_OTHER);
    return stop;
}

/* Runs on to a stop that is not within a call, where the kernel looks at what
 * the registers say of an interrupted one. */
static bool
stop_outside_a_call(void)
{
    enum stop stop;

    if (ptrace(PTRACE_INTERRUPT, thread.tid, NULL, NULL) < 0)
        return false;
    do {
        if (ptrace(PTRACE_CONT, thread.tid, NULL, 0L) < 0)
            return false;
        stop = next_stop(PATIENCE);
    } while (stop == STOP_CALL || stop == STOP_OTHER);
    return stop == STOP_INTERRUPT;
}

/* The first "syscall" instruction of the vDSO, which every process has. */
static bool
find_instruction(void)
{
    char path[64], line[512];
    unsigned long start = 0, end = 0;
    unsigned char *code;
    FILE *maps;
    bool found = false;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)thread.tid);
    maps = fopen(path, "re");
    while (maps && !found && fgets(line, sizeof line, maps))
        found = strstr(line, "[vdso]") && sscanf(line, "%lx-%lx", &start, &end) == 2;
    if (maps)
        fclose(maps);
    code = found ? malloc(end - start) : NULL;
    found = code && thread_read(start, code, end - start);
    for (size_t i = 0; found && !thread.instruction && i + 1 < end - start; i++)
        if (code[i] == 0x0f && code[i + 1] == 0x05)
            thread.instruction = start + i;
    free(code);
    return thread.instruction != 0;
}

static bool
complain(const char *what)
{
    fprintf(stderr, "inject: thread %d: %s: %s\n", (int)thread.tid, what, strerror(errno));
    return false;
}

bool
thread_stop(pid_t tid, bool without_filters)
{
    long options = PTRACE_O_TRACESYSGOOD | (without_filters ? PTRACE_O_SUSPEND_SECCOMP : 0);

    thread.tid = tid;
    thread.filtered = !without_filters;
    if (ptrace(PTRACE_SEIZE, tid, NULL, options) < 0)
        return complain("PTRACE_SEIZE");
    if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 || next_stop(PATIENCE) != STOP_INTERRUPT)
        return complain("PTRACE_INTERRUPT");
    if (ptrace(PTRACE_GETREGS, tid, NULL, &thread.saved) < 0)
        return complain("PTRACE_GETREGS");
    if (!filters_read(tid))
        return complain("PTRACE_SECCOMP_GET_FILTER");
    return find_instruction() || complain("no system call instruction in its vDSO");
}

static enum verdict
ask_filters(const struct call *call, int *error)
{
    struct seccomp_data data = {
        .nr = (int)call->number,
        .arch = AUDIT_ARCH_X86_64,
        .instruction_pointer = thread.instruction + 2,
    };

    for (int i = 0; i < MAX_ARGUMENTS; i++)
        data.args[i] = call->argument[i];
    return thread.filtered ? filters_judge(&data, error) : VERDICT_ALLOWED;
}

static enum ending
make_call(const struct call *call, long *result)
{
    struct user_regs_struct regs = thread.saved;
    bool interrupted = false;

    /* orig_rax: else the kernel would take this for the interrupted call, and restart it. */
    regs.orig_rax = (unsigned long long)-1;
    regs.rip = thread.instruction;
    regs.rax = (unsigned long long)call->number;
    regs.rdi = call->argument[0];
    regs.rsi = call->argument[1];
    regs.rdx = call->argument[2];
    regs.r10 = call->argument[3];
    regs.r8 = call->argument[4];
    regs.r9 = call->argument[5];
    if (ptrace(PTRACE_SETREGS, thread.tid, NULL, &regs) < 0 ||
        run_to_call(&interrupted) != STOP_CALL || run_to_call(&interrupted) != STOP_CALL ||
        ptrace(PTRACE_GETREGS, thread.tid, NULL, &regs) < 0)
        return CALL_DIED;
    *result = (long)regs.rax;
    if (interrupted)
        return CALL_BLOCKED;
    thread.execed = *result == 0 && (call->number == SYS_execve || call->number == SYS_execveat);
    return thread.execed ? CALL_EXECED : CALL_RETURNED;
}

enum ending
thread_call(const struct call *call, long *result)
{
    int error = 0;

    if (thread.execed)
        return CALL_EXECED;
    switch (ask_filters(call, &error)) {
    case VERDICT_ERRNO:
        *result = -error;
        return CALL_REFUSED;
    case VERDICT_KILLED:
        return CALL_FATAL;
    case VERDICT_ALLOWED:
    case VERDICT_UNKNOWN:
        break;
    }
    return make_call(call, result);
}

bool
thread_release(void)
{
    /* The kernel restarts an interrupted call where it looks for signals, which it does on the way
     * out of this stop and would not do on the way out of one at a call's return. */
    if (!thread.execed &&
        (!stop_outside_a_call() || ptrace(PTRACE_SETREGS, thread.tid, NULL, &thread.saved) < 0))
        return complain("putting it back");
    for (int i = 0; i < thread.n_held; i++)
        syscall(SYS_tkill, thread.tid, thread.held[i]);
    return ptrace(PTRACE_DETACH, thread.tid, NULL, 0L) == 0 || complain("PTRACE_DETACH");
}

bool
thread_write(uint64_t where, const void *from, size_t size)
{
    struct iovec here = {(void *)from, size};
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): an address in another process */
    struct iovec there = {(void *)where, size};

    return process_vm_writev(thread.tid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

bool
thread_read(uint64_t where, void *to, size_t size)
{
    struct iovec here = {to, size};
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): an address in another process */
    struct iovec there = {(void *)where, size};

    return process_vm_readv(thread.tid, &here, 1, &there, 1, 0) == (ssize_t)size;
}
