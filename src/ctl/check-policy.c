/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "ctl/check.h"
#include "ctl/force.h"
#include "ctl/words.h"
#include "helper/batch.h"
#include "policy/own.h"

/* A profile of a running domain as it is on disk. */
typedef struct {
    const char *profile;
    const char *rules_path;
    char *text;
    char *rules;
    Own own;
} OnDisk;

static void
on_disk_clear(OnDisk *disk)
{
    g_free(disk->text);
    g_free(disk->rules);
    own_clear(&disk->own);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OnDisk, on_disk_clear)

/* (transfer full): puts the policy of the XML in force, as libvirtd would
 * @mode: "-r", or "-c" where there is no profile of QEMU's */
static char *
remedy_of(const CtlConfig *config, const CtlDomain *domain, const char *mode)
{
    g_autofree char *name = words_domain(domain->name, domain->uuid);
    g_autofree char *path = g_build_filename(config->libexecdir, "virt-aa-helper", NULL);
    g_autofree char *helper = words_quote(path);

    return g_strdup_printf("virsh dumpxml %s | %s %s -u libvirt-%s", name, helper, mode,
                           domain->uuid);
}

/* Whether the text on disk compiles: it is not what the kernel has, and the next load may be of it. */
static gboolean
compiles(Kernel *kernel, const OnDisk *disk, GError **error)
{
    g_autofree char *whole =
        batch_text(disk->text, disk->profile, disk->rules_path, disk->rules, &disk->own);
    g_autoptr(KernelPolicy) policy = kernel_compile(kernel, whole, strlen(whole), NULL, error);

    return policy != NULL;
}

static void
add_other(const CtlConfig *config, Checked *checked, Kernel *kernel, const OnDisk *disk)
{
    g_autofree char *remedy = remedy_of(config, checked->domain, "-r");
    g_autoptr(GError) error = NULL;

    if (compiles(kernel, disk, &error))
        finding_add(checked->findings, FINDING_STALE, "kernel", remedy,
                    _("%s: the kernel has another policy than the one on disk, or one that was "
                      "loaded by hand"),
                    disk->profile);
    else
        finding_add(checked->findings, FINDING_UNCONFINED, "compile", remedy,
                    _("%s: what is on disk does not compile: %s"), disk->profile, error->message);
}

static void
judge(const CtlConfig *config, Checked *checked, Kernel *kernel, const OnDisk *disk)
{
    g_autofree char *remedy = remedy_of(config, checked->domain, "-r");

    switch (force_kernel(kernel, disk->profile, disk->text, disk->rules_path, disk->rules,
                         &disk->own)) {
    case FORCE_SAME:
        return;
    case FORCE_OTHER:
        add_other(config, checked, kernel, disk);
        return;
    case FORCE_NOTHING:
        finding_add(checked->findings, FINDING_UNCONFINED, "kernel", remedy,
                    _("%s is not loaded, and the domain runs"), disk->profile);
        return;
    case FORCE_UNKNOWN:
        finding_add(checked->findings, FINDING_UNKNOWN, "kernel", NULL,
                    _("what the kernel has of %s is unknown: needs root"), disk->profile);
        return;
    }
    g_assert_not_reached();
}

static void
check_on_disk(const CtlConfig *config, Checked *checked, const Force *force,
              const PlannedProfile *planned)
{
    g_auto(OnDisk) disk = {.profile = planned->profile, .rules_path = planned->rules_path};
    gboolean has_profile = vm_has_profile(force->vm);
    g_autofree char *remedy = remedy_of(config, checked->domain, has_profile ? "-r" : "-c");
    g_autoptr(GError) unread = NULL;

    if (!policy_read(force->vm->dir, planned->profile, &disk.text, &unread) ||
        (planned->has_rules &&
         !policy_read(force->vm->dir, planned->rules_file, &disk.rules, &unread))) {
        if (g_error_matches(unread, BASE_ERROR, BASE_ERROR_DENIED))
            finding_add(checked->findings, FINDING_UNKNOWN, "disk", NULL,
                        _("the policy on disk of %s is unknown: needs root"), planned->profile);
        else
            finding_add(checked->findings, FINDING_STALE, "disk", remedy,
                        _("the domain runs, and its policy on disk is not there: %s"),
                        unread->message);
        return;
    }
    if (!disk.rules)
        disk.rules = g_strdup("");
    if (!own_read(config->apparmor_dir, planned->profile, &disk.own, &unread)) {
        finding_add(checked->findings, FINDING_UNCONFINED, "own-rules", NULL,
                    _("the next start and the next change fail: %s"), unread->message);
        return;
    }
    judge(config, checked, force->kernel, &disk);
}

static void
check_compiles(Checked *checked, Force *force)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(KernelPolicy) policy = force_compile(force, &error);

    if (!policy && error)
        finding_add(checked->findings, FINDING_UNCONFINED, "compile", NULL,
                    _("it does not start: the policy does not compile: %s"), error->message);
}

void
check_policy(const CtlConfig *config, Checked *checked, gboolean compile)
{
    const CtlDomain *domain = checked->domain;
    guint both = 1U << START_QEMU | 1U << START_VIRTIOFSD;
    g_autoptr(GError) error = NULL;
    g_autoptr(Force) force = NULL;

    /* of one that is exempt none is made */
    if (!checked->start || !checked->start->plan || ctl_domain_is_exempt(domain) ||
        !(domain->running || compile))
        return;
    force = force_open(checked->start, compile ? both : 0, &error);
    if (!force && checked->start->refusals->len > 0)
        return;
    if (!force) {
        finding_add(checked->findings, FINDING_UNCONFINED, "compile", NULL,
                    _("it does not start: %s"), error->message);
        return;
    }
    for (guint side = 0; side < START_SIDES && domain->running; side++) {
        const PlannedProfile *planned = start_planned(checked->start, (StartSide)side);

        if (planned && force->vm->dir)
            check_on_disk(config, checked, force, planned);
    }
    if (compile)
        check_compiles(checked, force);
}
