/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/command.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "basic/child.h"

/* Milliseconds: apparmor_parser needs seconds for libvirtd's profile where the processor is emulated. */
#define COMMAND_MS 120000

static void
take(void *data, const char *bytes, size_t n)
{
    GByteArray *output = data;

    if (output->len + n <= LIMIT_PARSER_OUTPUT_BYTES)
        g_byte_array_append(output, (const guint8 *)bytes, (guint)n);
}

/* Standard error goes to a file in memory, so that the program is never kept waiting for us to read it. */
static char *
read_complaint(int fd)
{
    g_autofree char *text = NULL;

    if (lseek(fd, 0, SEEK_SET) < 0 ||
        !base_read_fd(fd, LIMIT_PARSER_OUTPUT_BYTES, "standard error", &text, NULL, NULL))
        return g_strdup("");
    if (strlen(text) > LIMIT_PARSER_MESSAGE_BYTES)
        text[LIMIT_PARSER_MESSAGE_BYTES] = '\0';
    return g_strstrip(g_steal_pointer(&text));
}

static gboolean
judge(const char *program, ChildEnd end, int status, int err, GError **error)
{
    g_autofree char *complaint = NULL;

    if (end == CHILD_LATE)
        return base_set_error(error, BASE_ERROR_FAILED, _("%s takes too long"), program);
    if (end != CHILD_ENDED)
        return base_set_errno_error(error, errno, _("cannot run %s"), program);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return TRUE;
    complaint = read_complaint(err);
    if (*complaint)
        return base_set_error(error, BASE_ERROR_FAILED, "%s: %s", program, complaint);
    if (WIFEXITED(status))
        return base_set_error(error, BASE_ERROR_FAILED, _("%s ended with status %d"), program,
                              WEXITSTATUS(status));
    return base_set_error(error, BASE_ERROR_FAILED, _("%s was ended by signal %d"), program,
                          WTERMSIG(status));
}

gboolean
command_run(const char *const *argv, GBytes **output, GError **error)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                              NULL};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_auto(AutoFd) err = memfd_create("stderr", MFD_CLOEXEC);
    const Child child = {
        .path = argv[0],
        .argv = argv,
        .envp = environment,
        .in = CHILD_NULL,
        .out = CHILD_PIPE,
        .err = err,
        .take = take,
        .data = bytes,
        .limit_ms = COMMAND_MS,
        .fate = CHILD_KILLED,
    };
    int status = 0;
    ChildEnd end;

    if (err < 0)
        return base_set_errno_error(error, errno, _("cannot run %s"), argv[0]);
    end = child_run(&child, &status);
    if (!judge(argv[0], end, status, err, error))
        return FALSE;
    if (output)
        *output = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    return TRUE;
}
