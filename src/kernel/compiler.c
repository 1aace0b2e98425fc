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
#include "kernel/compiler-args.h"

/* What the parser says where there is no AppArmor in the kernel, on every run: it is about its
 * cache, which is not used, and nobody can do anything about it. */
#define CACHE_NOISE "Cache read/write disabled:"

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
    g_string_replace(text, " for " COMPILER_INPUT_NAME, "", 0);
    g_string_replace(text, " in profile " COMPILER_INPUT_NAME, "", 0);
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
    const char *args[COMPILER_MAX_ARGS];
    g_autofree char *messages = NULL;
    int status;

    compiler_build_args(run->compiler, run->job, args);
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
