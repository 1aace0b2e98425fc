/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/reload.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "helper/batch.h"
#include "policy/change.h"
#include "policy/records.h"

#define OWN_MODE 0644

struct _Reload {
    Options options;
    Request *request;
    Vm *vm;
    Plan *plan;
    PlannedProfile *planned; /* that of the two which it is about */
    char *apparmor_dir;
    char *dirs[2];        /* where the files of own rules and of complain mode are */
    PolicyDir *opened[2]; /* the same; NULL: not there */
    gboolean is_made;     /* there is no profile yet, and what is compiled is not written */
};

enum { RULES, COMPLAIN };

Reload *
reload_open(const HelperConfig *config, const char *profile, gboolean virtiofsd, gboolean dry_run,
            GError **error)
{
    g_autoptr(Reload) reload = g_new0(Reload, 1);

    /* no XML, and nothing of QEMU's rules is rendered anew */
    reload->options.command = COMMAND_ADD;
    reload->options.profile = g_strdup(profile);
    reload->options.dry_run = dry_run;
    reload->request = request_new(config, &reload->options, error);
    reload->vm = reload->request ? vm_open(reload->request, error) : NULL;
    if (!reload->vm)
        return NULL;
    reload->plan = plan_as_is(reload->request, reload->vm->record);
    reload->planned = virtiofsd ? &reload->plan->virtiofsd : &reload->plan->qemu;
    if (!reload->planned->template)
        reload->planned->template = g_strdup("TEMPLATE.qemu");
    reload->apparmor_dir = batch_apparmor_dir(reload->vm);
    reload->dirs[RULES] = g_build_filename(reload->apparmor_dir, OWN_RULES_DIR, NULL);
    reload->dirs[COMPLAIN] = g_build_filename(reload->apparmor_dir, OWN_COMPLAIN_DIR, NULL);
    return g_steal_pointer(&reload);
}

void
reload_free(Reload *reload)
{
    g_clear_pointer(&reload->plan, plan_free);
    g_clear_pointer(&reload->vm, vm_close);
    g_clear_pointer(&reload->request, request_free);
    for (gsize i = 0; i < G_N_ELEMENTS(reload->dirs); i++) {
        g_clear_pointer(&reload->opened[i], policy_dir_free);
        g_free(reload->dirs[i]);
    }
    g_free(reload->apparmor_dir);
    options_clear(&reload->options);
    g_free(reload);
}

/* ---- compiling ---- */

static Own
own_copy(const Own *own)
{
    return (Own){g_strdup(own->path), g_strdup(own->rules), own->complain};
}

static gboolean
ready(Reload *reload, const Own *wanted, Unit *unit, GError **error)
{
    PlannedProfile *planned = reload->planned;
    Own own = own_copy(wanted);
    gboolean is_ready;

    g_clear_pointer(&planned->rules, g_free);
    unit->planned = planned;
    reload->is_made = !reload->vm->dir || !policy_exists(reload->vm->dir, planned->profile);
    if (reload->is_made) {
        planned->rules = g_strdup("");
        is_ready = batch_ready_without_own(reload->vm, unit, error);
    } else {
        is_ready = batch_ready_as_is(reload->vm, planned, unit, error);
    }
    if (!is_ready)
        own_clear(&own);
    return is_ready && batch_own(reload->vm, unit, &own, error);
}

static gboolean
ready_other(Reload *reload, Kernel *kernel, Batch *batch, GError **error)
{
    PlannedProfile *other =
        reload->planned == &reload->plan->qemu ? &reload->plan->virtiofsd : &reload->plan->qemu;

    return batch_ready_undone(reload->vm, kernel, other, batch, error);
}

gboolean
reload_check(Reload *reload, const Own *wanted, GError **error)
{
    g_autoptr(Kernel) kernel = batch_kernel(reload->vm);
    g_autoptr(KernelPolicy) policy = NULL;
    g_auto(Batch) batch = {.n = 1};

    return ready(reload, wanted, &batch.units[0], error) &&
           batch_compile(kernel, &batch, &policy, error);
}

/* ---- applying ---- */

static gboolean
make_own_dir(const char *path, GError **error)
{
    if (mkdir(path, 0755) < 0 ? errno == EEXIST : chmod(path, 0755) == 0)
        return TRUE;
    return base_set_errno_error(error, errno, _("cannot make the directory %s"), path);
}

static gboolean
open_own_dir(Reload *reload, int which, gboolean make, GError **error)
{
    const char *path = reload->dirs[which];
    g_autoptr(GError) unopened = NULL;

    if (reload->opened[which])
        return TRUE;
    if (make && !make_own_dir(path, error))
        return FALSE;
    reload->opened[which] = policy_dir_open(path, &unopened);
    if (reload->opened[which] ||
        (!make && g_error_matches(unopened, BASE_ERROR, BASE_ERROR_NOT_FOUND)))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&unopened));
    return FALSE;
}

/* @text: NULL: there is to be no such file */
static gboolean
stage_own(Reload *reload, PolicyChange *change, int which, const char *text, GError **error)
{
    const char *name = reload->planned->profile;

    if (!open_own_dir(reload, which, text != NULL, error))
        return FALSE;
    if (text)
        return policy_change_write(change, reload->opened[which], name, text, OWN_MODE, error);
    if (reload->opened[which] && policy_exists(reload->opened[which], name))
        policy_change_remove(change, reload->opened[which], name);
    return TRUE;
}

static gboolean
stage_complain(Reload *reload, PolicyChange *change, gboolean complain, GError **error)
{
    if (complain && own_is_complaining(reload->apparmor_dir, reload->planned->profile))
        return TRUE;
    return stage_own(reload, change, COMPLAIN,
                     complain ? "# While this file is there the profile is in complain mode: "
                                "virt-aa-ctl(8), enforce.\n"
                              : NULL,
                     error);
}

/* By what the helper is going to know the policy again. */
static void
note_loaded(Reload *reload, const Batch *batch)
{
    VmRecord *record = reload->vm->record;

    for (gsize i = 0; i < batch->n; i++) {
        const Unit *unit = &batch->units[i];
        char **loaded =
            unit->planned == &reload->plan->qemu ? &record->qemu_loaded : &record->virtiofsd_loaded;

        g_free(*loaded);
        *loaded = g_strdup(unit->mark);
    }
}

static gboolean
stage_profiles(Reload *reload, PolicyChange *change, const Batch *batch, GError **error)
{
    for (gsize i = 0; i < batch->n; i++) {
        const Unit *unit = &batch->units[i];

        if (unit->is_new && !policy_change_write(change, reload->vm->dir, unit->planned->profile,
                                                 unit->text, OWN_MODE, error))
            return FALSE;
    }
    return TRUE;
}

/* What is to be put in place, and loaded. */
typedef struct {
    Batch own;   /* the profile that it is about */
    Batch other; /* empty, or the other one */
    gboolean loaded;
} Step;

static void
step_clear(Step *step)
{
    batch_clear(&step->own);
    batch_clear(&step->other);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Step, step_clear)

static gboolean
stage(Reload *reload, PolicyChange *change, const Step *step, GError **error)
{
    VmRecord *record = reload->vm->record;
    const Own *own = &step->own.units[0].own;
    g_autofree char *text = NULL;

    if (!stage_own(reload, change, RULES, own->rules, error) ||
        !stage_complain(reload, change, own->complain, error) ||
        (!reload->is_made && !stage_profiles(reload, change, &step->own, error)) ||
        !stage_profiles(reload, change, &step->other, error))
        return FALSE;
    if (!record)
        return TRUE;
    if (step->loaded)
        note_loaded(reload, &step->own);
    note_loaded(reload, &step->other);
    text = vm_record_format(record, error);
    return text && records_stage(change, reload->vm->vms, record->profile, text, error);
}

static void
clear_leftovers(Reload *reload)
{
    for (gsize i = 0; i < G_N_ELEMENTS(reload->opened); i++)
        if (reload->opened[i])
            policy_clear_leftovers(reload->opened[i], reload->planned->profile);
    policy_clear_leftovers(reload->vm->dir, reload->planned->profile);
}

static gboolean
prepare(Reload *reload, Kernel *kernel, const Own *wanted, Step *step, KernelPolicy **policy,
        GError **error)
{
    g_autoptr(KernelPolicy) own = NULL;
    g_autoptr(KernelPolicy) other = NULL;

    step->own.n = 1;
    if (!ready(reload, wanted, &step->own.units[0], error) ||
        !kernel_has_profile(kernel, reload->planned->profile, &step->loaded, error) ||
        !ready_other(reload, kernel, &step->other, error) ||
        !batch_compile(kernel, &step->own, &own, error) ||
        !batch_compile(kernel, &step->other, &other, error))
        return FALSE;
    /* loaded from a profile that was lost since: what that was nobody knows, and a call with XML makes it anew */
    step->loaded = step->loaded && !reload->is_made;
    if (step->loaded && other)
        kernel_policy_append(own, other);
    *policy = step->loaded ? g_steal_pointer(&own) : g_steal_pointer(&other);
    return TRUE;
}

gboolean
reload_apply(Reload *reload, const Own *wanted, ReloadOutcome *outcome, GError **error)
{
    g_autoptr(Kernel) kernel = batch_kernel(reload->vm);
    g_autoptr(KernelPolicy) policy = NULL;
    g_auto(Step) step = {0};
    g_autoptr(PolicyChange) change = NULL;

    if (!prepare(reload, kernel, wanted, &step, &policy, error))
        return FALSE;
    change = policy_change_new(reload->vm->dir, reload->plan->qemu.profile);
    if (!stage(reload, change, &step, error) || !policy_change_publish(change, error))
        return FALSE;
    if (policy && !kernel_commit(kernel, policy, KERNEL_REPLACE, error))
        return policy_change_fail(change, error);
    policy_change_keep(change);
    clear_leftovers(reload);
    *outcome = step.loaded ? RELOAD_IN_FORCE : RELOAD_LATER;
    return TRUE;
}
