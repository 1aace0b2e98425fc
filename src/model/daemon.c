/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/daemon.h"

#include "grant/grant.h"
#include "virtiofsd/extra.h"

gboolean
daemon_is_readonly(GPtrArray *options)
{
    return extra_have((char *const *)options->pdata, OPTION_READONLY);
}

static void
grant_all(GPtrArray *to, Capabilities capabilities)
{
    for (guint i = 0; i < CAPABILITY_COUNT; i++)
        if (capabilities & CAPABILITY_BIT(i))
            grant_capability(to, capability_name(i));
}

void
daemon_capabilities(GPtrArray *options, GPtrArray *base, GPtrArray *writer)
{
    char *const *list = (char *const *)options->pdata;
    Capabilities always = extra_capabilities(list, CAPABILITIES_SERVING);
    Capabilities all = extra_capabilities(list, CAPABILITIES_SERVING | CAPABILITIES_WRITING);

    grant_all(base, always);
    grant_all(writer, all & ~always);
}
