/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/launcher.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "basic/message.h"
#include "basic/standard.h"
#include "launcher/environment.h"

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
    /* a user's own says where his descriptions of virtiofsd are, and gains him nothing */
    char **environment = geteuid() == 0 ? environment_reduce() : environ;

    /* nowhere to say that there is nowhere to say anything */
    if (!standard_fill())
        return EXIT_FAILURE;
    message_locale(set_locale);
    return launcher_run(argc, argv, environment, &launcher_paths, &system_linux);
}
