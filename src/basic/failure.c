/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
failure_set(Failure *failure, const char *todo, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(failure->text, sizeof(failure->text), format, arguments);
    va_end(arguments);
    failure->todo = todo;
    return false;
}

bool
failure_errno(Failure *failure, int errnum, const char *todo, const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    vsnprintf(failure->text, sizeof(failure->text), format, arguments);
    va_end(arguments);
    length = strlen(failure->text);
    snprintf(failure->text + length, sizeof(failure->text) - length, ": %s", strerror(errnum));
    failure->todo = todo;
    return false;
}
