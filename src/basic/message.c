/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/message.h"

#include <libintl.h>
#include <stddef.h>

static void (*prepare_locale)(void);

void
message_locale(void (*prepare)(void))
{
    prepare_locale = prepare;
}

const char *
message(const char *id)
{
    if (prepare_locale) {
        prepare_locale();
        prepare_locale = NULL;
    }
    return dgettext(GETTEXT_PACKAGE, id);
}
