/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/built-in.h"
#include "ctl/verbs.h"

int
main(int argc, char **argv)
{
    static const CtlConfig config = CTL_CONFIG_BUILT_IN;

    return ctl_main(&program_switch, &config, argc, argv);
}
