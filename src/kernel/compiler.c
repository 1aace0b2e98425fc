/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/compiler.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "basic/child.h"

#define MAX_ARGS 14

/* What the parser says where there is no AppArmor in the kernel, on every run: it is about its
 * cache, which is not used, and nobody can do anything about it. */
#define CACHE_NOISE "Cache read/write disabled:"

/* Standard input by name: only for a file that has a name does the parser say which include is
 * wrong. The name itself then tells a person nothing, and is taken out of what it says. */
#define INPUT_NAME "/dev/stdin"

/* How compiled policy begins: a name (4) of 8 bytes, and a number of 32 bits (2), which is the version.
 * security/apparmor/policy_unpack.c, verify_header(). */
#define HEADER       "\x04\x08\x00version\x00\x02"
#define HEADER_BYTES (sizeof(HEADER) - 1)

typedef struct {
    const Compiler *compiler;
    CompilerJob job;
    guint limit_ms;
    long long spent_us; /* of them */
    int in;
    int out;
    int err;
} Run;

static int
memory_file(const char *name, GError **error)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd < 0)
        base_set_errno_error(error, errno, _("cannot create a memory file for apparmor_parser"));
    return fd;
}

/*
 * Flags of -O for the version of the parser, which is told by the feature files that came with it,
 * because asking it would cost a process. A wrong guess costs time only.
 *
 * Measured: processor time, in ms, to compile TEMPLATE.qemu of libvirt with its abstraction; best
 * of 40 runs. The binary is the same in each column but for no-expr-simplify in 4.1.
 *
 *                        3.0.8   4.1.0   5.0.2
 *   (nothing)             81      38      41
 *   no-expr-simplify      41      44      50
 *   expr-left-simplify    65      34      39
 *   no-minimize           78      32      35    a binary half as large again, for the kernel to keep
 *
 * A profile of a few rules takes 2 to 4 ms whatever the flags. Of QEMU's, the rules of a VM with two disks
 * are 3 ms; without abstractions/base it would take half of the time, and without abstractions/nameservice
 * as well. Both profiles in one run would save 1 to 3 ms, the start of a process, and the order of messages.
 */
static const char *
optimization(void)
{
    if (access(APPARMOR_DIR "/abi/4.0", F_OK) == 0)
        return "expr-left-simplify";
    if (access(APPARMOR_DIR "/abi/3.0", F_OK) == 0)
        return "no-expr-simplify";
    return NULL;
}

static void
build_args(const Compiler *compiler, CompilerJob job, const char *args[MAX_ARGS])
{
    const char *optimize = job == COMPILER_COMPILE ? optimization() : NULL;
    gsize n = 0;

    args[n++] = "apparmor_parser"; /* its messages begin with this */
    switch (job) {
    case COMPILER_COMPILE:
        args[n++] = "--skip-kernel-load";
        args[n++] = "--stdout";
        break;
    case COMPILER_ADD:
        args[n++] = "--binary";
        args[n++] = "--add";
        break;
    case COMPILER_REPLACE:
        args[n++] = "--binary";
        args[n++] = "--replace";
        break;
    case COMPILER_REMOVE:
        args[n++] = "--remove";
        break;
    }
    args[n++] = "--skip-cache";
    /* in one process: one text gives no work for two, and a second would not end with the first */
    args[n++] = "--jobs";
    args[n++] = "0";
    if (optimize) {
        args[n++] = "--Optimize";
        args[n++] = optimize;
    }
    if (compiler->include_dir) {
        args[n++] = "--Include";
        args[n++] = compiler->include_dir;
    }
    if (job == COMPILER_COMPILE && compiler->complain)
        args[n++] = "--Complain";
    if (job == COMPILER_COMPILE)
        args[n++] = INPUT_NAME;
    args[n] = NULL;
    g_assert(n < MAX_ARGS);
}

/* Whatever is returned, the parser does not run any more.
 * @status: (out): how it ended, as waitpid() has it */
static gboolean
run_parser(Run *run, const char *const *args, int *status, GError **error)
{
    const gint64 start = g_get_monotonic_time();
    static const char *const environment[] = {"PATH=/sbin:/usr/sbin", NULL};
    const char *parser = run->compiler->parser;
    /* Its time is bounded twice: should we be killed, the kernel may not let it end with us. */
    const ChildLimits limits = {
        .memory_bytes = LIMIT_PARSER_MEMORY_BYTES,
        .cpu_seconds = run->limit_ms / 1000 + 1,
        .file_bytes = LIMIT_PARSER_OUTPUT_BYTES,
    };
    const Child child = {
        .path = parser,
        .argv = args,
        .envp = environment,
        .in = run->in,
        .out = run->out,
        .err = run->err,
        .limit_ms = (int)run->limit_ms,
        .fate = CHILD_KILLED,
        /* only what changes the kernel's policy needs a privilege */
        .pass = run->job == COMPILER_COMPILE ? 0 : POWER_OF(CAP_MAC_ADMIN),
        .limits = &limits,
        .spent_us = &run->spent_us,
    };

    switch (child_run(&child, status)) {
    case CHILD_ENDED:
        return TRUE;
    case CHILD_LATE:
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s was still running after %u seconds and was killed"), parser,
                              (guint)((g_get_monotonic_time() - start) / G_USEC_PER_SEC));
    case CHILD_NOT_STARTED:
        return base_set_errno_error(error, errno, _("cannot run %s"), parser);
    case CHILD_LOST:
        break;
    }
    return base_set_errno_error(error, errno, _("cannot learn how %s ended"), parser);
}

/* Without @noise: lines that are there on every run. */
static void
drop_lines(GString *text, const char *noise)
{
    char *at;

    while ((at = strstr(text->str, noise))) {
        const char *end = strchr(at, '\n');
        gsize start = (gsize)(at - text->str);

        g_string_erase(text, (gssize)start, end ? end + 1 - at : -1);
    }
}

/* Returns: (nullable) (transfer full): what the parser wrote to its standard error */
static char *
read_messages(const Run *run)
{
    g_autofree char *raw = g_malloc(LIMIT_PARSER_MESSAGE_BYTES + 1);
    ssize_t n = pread(run->err, raw, LIMIT_PARSER_MESSAGE_BYTES + 1, 0);
    g_autoptr(GString) text = NULL;
    gboolean cut = n > LIMIT_PARSER_MESSAGE_BYTES;
    g_autofree char *valid = NULL;

    if (n <= 0)
        return NULL;
    /* A message may repeat a name from the text, which may be any bytes. */
    valid = g_utf8_make_valid(raw, MIN(n, LIMIT_PARSER_MESSAGE_BYTES));
    text = g_string_new(g_strchomp(valid));
    drop_lines(text, CACHE_NOISE);
    g_string_replace(text, " for " INPUT_NAME, "", 0);
    g_string_replace(text, " in profile " INPUT_NAME, "", 0);
    g_strchomp(text->str);
    if (text->str[0] == '\0')
        return NULL;
    return cut ? g_strconcat(text->str, "…", NULL) : g_strdup(text->str);
}

static gboolean
take_binary(const Run *run, GBytes **binary, GError **error)
{
    g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(run->out, FALSE, error);
    gsize length;

    if (!mapped)
        return FALSE;
    /* Nothing to say is not policy: the kernel would take an empty write for success. */
    length = g_mapped_file_get_length(mapped);
    if (length == 0)
        return base_set_error(error, BASE_ERROR_POLICY, _("the policy has no profile"));
    if (length < HEADER_BYTES ||
        memcmp(g_mapped_file_get_contents(mapped), HEADER, HEADER_BYTES) != 0)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s succeeded, but what it wrote is not compiled policy"),
                              run->compiler->parser);
    *binary = g_mapped_file_get_bytes(mapped);
    return TRUE;
}

/*
 * The errno that the kernel refused with, from the status that the parser ended with; 0 if it was
 * not the kernel. In 3.0, 4.1 and 5.0 alike, --binary ends with errno itself (parser_main.c,
 * process_binary(): ENOENT is 2) and --remove with -errno, of which the low byte arrives
 * (parser_interface.c: ENOENT is 254). Whatever the parser finds wrong by itself is 1, so an EPERM
 * of --binary cannot be told from that, and is left to the parser's words.
 */
static int
refusal_of(CompilerJob job, int status)
{
    switch (job) {
    case COMPILER_ADD:
    case COMPILER_REPLACE:
        return status > 1 ? status : 0;
    case COMPILER_REMOVE:
        return status > 128 ? 256 - status : 0;
    case COMPILER_COMPILE:
        break;
    }
    return 0;
}

static gboolean
judge(const Run *run, int status, const char *messages, int *kernel_errno, GError **error)
{
    const char *parser = run->compiler->parser;

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        return base_set_error(error, BASE_ERROR_LIMIT, _("%s wrote more than %d bytes"), parser,
                              LIMIT_PARSER_OUTPUT_BYTES);
    /* where it found no memory it said so before */
    if (WIFSIGNALED(status) && messages)
        return base_set_error(error, BASE_ERROR_FAILED, _("%s was killed by signal %d (%s): %s"),
                              parser, WTERMSIG(status), g_strsignal(WTERMSIG(status)), messages);
    if (WIFSIGNALED(status))
        return base_set_error(error, BASE_ERROR_FAILED, _("%s was killed by signal %d (%s)"),
                              parser, WTERMSIG(status), g_strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 0)
        return TRUE;
    *kernel_errno = refusal_of(run->job, WEXITSTATUS(status));
    if (!messages)
        return base_set_error(error, BASE_ERROR_FAILED, _("%s ended with status %d and no message"),
                              parser, WEXITSTATUS(status));
    return base_set_error(error,
                          run->job == COMPILER_COMPILE ? BASE_ERROR_POLICY : BASE_ERROR_FAILED,
                          "%s", messages);
}

static gboolean
open_files(Run *run, const char *input, gsize len, GError **error)
{
    run->in = memory_file("policy", error);
    if (run->in < 0)
        return FALSE;
    run->out = memory_file("binary", error);
    if (run->out < 0)
        return FALSE;
    run->err = memory_file("messages", error);
    if (run->err < 0)
        return FALSE;
    if (!base_write_all(run->in, _("the policy for apparmor_parser"), input, len, error))
        return FALSE;
    if (lseek(run->in, 0, SEEK_SET) < 0)
        return base_set_errno_error(error, errno, _("cannot rewind the policy"));
    return TRUE;
}

static gboolean
run_with_files(Run *run, CompilerResult *result, GError **error)
{
    const char *args[MAX_ARGS];
    g_autofree char *messages = NULL;
    int status;

    build_args(run->compiler, run->job, args);
    if (!run_parser(run, args, &status, error))
        return FALSE;

    messages = read_messages(run);
    if (!judge(run, status, messages, &result->kernel_errno, error))
        return FALSE;
    if (run->job == COMPILER_COMPILE && !take_binary(run, &result->binary, error))
        return FALSE;
    result->warnings = g_steal_pointer(&messages);
    return TRUE;
}

static void
close_files(Run *run)
{
    const int fds[] = {run->in, run->out, run->err};

    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

/* Of the time that all runs of a call have. */
static guint
left_ms(const Compiler *compiler)
{
    const gint64 limit_ms = compiler->limit_ms ? compiler->limit_ms : LIMIT_PARSER_MS;

    return (guint)MAX(limit_ms - compiler->spent_us / G_TIME_SPAN_MILLISECOND, 1);
}

gboolean
compiler_run(Compiler *compiler, CompilerJob job, const char *input, gsize len,
             CompilerResult *result, GError **error)
{
    Run run = {.compiler = compiler,
               .job = job,
               .limit_ms = left_ms(compiler),
               .in = -1,
               .out = -1,
               .err = -1};
    gboolean ok;

    *result = (CompilerResult){.binary = NULL};
    ok = open_files(&run, input, len, error) && run_with_files(&run, result, error);
    close_files(&run);
    compiler->spent_us += run.spent_us;
    return ok;
}

void
compiler_result_clear(CompilerResult *result)
{
    g_clear_pointer(&result->binary, g_bytes_unref);
    g_clear_pointer(&result->warnings, g_free);
}
