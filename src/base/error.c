/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

G_DEFINE_QUARK(virt_aa_virtiofs_error, base_error)

static BaseError
code_from_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return BASE_ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return BASE_ERROR_DENIED;
    default:
        return BASE_ERROR_FAILED;
    }
}

gboolean
base_set_errno_error(GError **error, int errnum, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);

    g_set_error(error, BASE_ERROR, (int)code_from_errno(errnum), "%s: %s", what,
                g_strerror(errnum));
    return FALSE;
}

gboolean
base_set_error(GError **error, BaseError code, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);

    g_set_error_literal(error, BASE_ERROR, (int)code, message);
    return FALSE;
}
