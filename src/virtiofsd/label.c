/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/label.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX "-virtiofsd"

static const char shape[] = "libvirt-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

static bool
is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool
has_shape(const char *text, size_t length)
{
    if (length != strlen(shape))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (shape[i] != 'x' && text[i] != shape[i])
            return false;
        if (shape[i] == 'x' && !is_digit(text[i]))
            return false;
    }
    return true;
}

bool
label_is_profile(const char *text)
{
    return has_shape(text, strlen(text));
}

char *
label_from_profile(const char *profile)
{
    size_t length = strlen(profile);
    char *label = malloc(length + sizeof(SUFFIX));

    if (label)
        memcpy(mempcpy(label, profile, length), SUFFIX, sizeof(SUFFIX));
    return label;
}

char *
label_to_profile(const char *label)
{
    size_t length = strlen(label);

    if (length > strlen(SUFFIX)) {
        length -= strlen(SUFFIX);
        if (strcmp(label + length, SUFFIX) == 0 && has_shape(label, length))
            return strndup(label, length);
    }
    errno = EINVAL;
    return NULL;
}
