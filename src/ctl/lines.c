/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "base/error.h"

typedef FILE Stream;

static void
close_stream(Stream *stream)
{
    fclose(stream);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stream, close_stream)

/* Reads one line into @line; FALSE at the end of the file. A NUL in it ends what is seen of it. */
static gboolean
next_line(Stream *stream, char line[LINES_BYTES])
{
    gsize length;
    int byte;

    if (!fgets(line, LINES_BYTES, stream))
        return FALSE;
    length = strlen(line);
    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
    else if (length == LINES_BYTES - 1)
        while ((byte = getc(stream)) != EOF && byte != '\n') {
        }
    return TRUE;
}

static Stream *
open_stream(const char *path, struct stat *status, GError **error)
{
    g_auto(AutoFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    Stream *stream;

    if (fd < 0 || fstat(fd, status) < 0) {
        base_set_errno_error(error, errno, _("cannot open %s"), path);
        return NULL;
    }
    if (!S_ISREG(status->st_mode)) {
        base_set_error(error, BASE_ERROR_DAMAGED, _("%s is not a regular file"), path);
        return NULL;
    }
    stream = fdopen(fd, "r");
    if (!stream)
        base_set_errno_error(error, errno, _("cannot open %s"), path);
    else
        autofd_steal(&fd);
    return stream;
}

gboolean
lines_read(const char *path, goffset from, LinesTake take, void *data, gint64 *changed,
           GError **error)
{
    struct stat status = {0};
    g_autofree char *line = g_malloc(LINES_BYTES);
    g_autoptr(Stream) stream = open_stream(path, &status, error);

    if (!stream)
        return FALSE;
    if (changed)
        *changed = (gint64)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    if (from > 0 && status.st_size > from) {
        if (fseeko(stream, -(off_t)from, SEEK_END) < 0)
            return base_set_errno_error(error, errno, _("cannot read %s"), path);
        next_line(stream, line);
    }
    while (next_line(stream, line))
        take(data, line);
    if (ferror(stream))
        return base_set_errno_error(error, errno, _("cannot read %s"), path);
    return TRUE;
}
