/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the name of a locale has in it. One with a slash would be a path, and a C library takes none, but that
 * is its affair. */
#define LOCALE_NAME_CHARACTERS                             \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
    "0123456789-_.@"
