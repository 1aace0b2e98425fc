/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/launcher.h"

#include <libintl.h>
#include <locale.h>

#include "basic/message.h"

static void
set_locale(void)
{
    setlocale(LC_MESSAGES, "");
    setlocale(LC_CTYPE, "");
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
}

int
main(int argc, char *argv[])
{
    message_locale(set_locale);
    return launcher_run(argc, argv, &launcher_paths, &system_linux);
}
