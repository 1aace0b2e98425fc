/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/launcher.h"

int
main(int argc, char *argv[])
{
    return launcher_run(argc, argv, &launcher_paths, &system_linux);
}
