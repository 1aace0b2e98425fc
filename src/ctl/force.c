/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/force.h"

#include <string.h>

#include "base/error.h"

Force *
force_open(const Start *start, guint sides, GError **error)
{
    g_autoptr(Force) force = g_new0(Force, 1);

    force->vm = vm_open(start->request, error);
    if (!force->vm)
        return NULL;
    force->kernel = batch_kernel(force->vm);
    for (guint side = 0; side < START_SIDES; side++) {
        const PlannedProfile *planned = start_planned(start, (StartSide)side);

        if (!planned || !(sides & 1U << side))
            continue;
        force->batch.units[force->batch.n].planned = planned;
        if (!batch_ready(force->vm, &force->batch.units[force->batch.n++], error))
            return NULL;
    }
    return g_steal_pointer(&force);
}

void
force_close(Force *force)
{
    if (!force)
        return;
    batch_clear(&force->batch);
    g_clear_pointer(&force->kernel, kernel_free);
    g_clear_pointer(&force->vm, vm_close);
    g_free(force);
}

KernelPolicy *
force_compile(Force *force, GError **error)
{
    KernelPolicy *policy = NULL;

    return batch_compile(force->kernel, &force->batch, &policy, error) ? policy : NULL;
}

char *
force_rules_on_disk(const Force *force, const PlannedProfile *planned)
{
    char *text = NULL;

    if (force->vm->dir)
        policy_read(force->vm->dir, planned->rules_file, &text, NULL);
    return text;
}

ForceKernel
force_kernel(Kernel *kernel, const char *profile, const char *text, const char *rules_path,
             const char *rules, const Own *own)
{
    g_autofree char *mark = batch_mark(text, profile, rules_path, rules, own);
    gboolean loaded = FALSE;

    if (kernel_has_policy(kernel, profile, mark))
        return FORCE_SAME;
    if (!kernel_has_profile(kernel, profile, &loaded, NULL))
        return FORCE_UNKNOWN;
    return loaded ? FORCE_OTHER : FORCE_NOTHING;
}
