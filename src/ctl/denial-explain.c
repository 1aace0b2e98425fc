/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * What a denial means and what to do about it, by whose it is. Each function sets a text, and a remedy where
 * there is one that makes nothing worse.
 */

#include "ctl/denial.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/words.h"
#include "model/paths.h"
#include "virtiofsd/capability.h"

#define SETTINGS_FILE SYSCONFDIR "/libvirt/virt-aa-virtiofs.conf"

static void
say(Denial *denial, const char *text, char *remedy)
{
    denial->text = g_strdup(text);
    denial->remedy = remedy;
}

/* Whether @mask has no letter but those of @letters. */
static gboolean
is_only(const char *mask, const char *letters)
{
    return mask && *mask && strspn(mask, letters) == strlen(mask);
}

/* (transfer full): the domain as an argument of a command */
static char *
domain_word(const Denial *denial)
{
    return words_domain(denial->domain, denial->uuid);
}

/* What has no explanation but one. Worded as what it is: a guess from what is left. */
static void
suspect(Denial *denial, const char *text)
{
    denial->suspicious = TRUE;
    say(denial, text,
        denial->complain
            ? g_strdup(_("the profile is in complain mode, so that it was NOT refused: look at "
                         "what runs in the guest, and put the profile in enforce mode"))
            : g_strdup(_("look at what runs in the guest, and see that virtiofsd is up to date; "
                         "there is nothing to allow")));
}

/* ---- QEMU ---- */

/* What of the kernel's state QEMU and its libraries look at by themselves. */
static gboolean
is_kernel_state(const Denial *denial)
{
    return (g_str_has_prefix(denial->object, "/proc/") ||
            g_str_has_prefix(denial->object, "/sys/")) &&
           is_only(denial->mask, "r");
}

/* A place that no VM is given by its XML, whoever asks. A file that is only read is no tree: a VM may well have a
 * device, and no directory of them. */
static gboolean
is_forbidden(const Denial *denial, gboolean reads)
{
    return path_is_restricted(denial->object, !reads) ||
           ((!reads || g_str_has_suffix(denial->object, "/")) &&
            path_judge_tree(denial->object, !reads) == TREE_REFUSED);
}

/* A command is shown only for what is no place of the host's own: who has taken over QEMU chooses what it
 * is denied, and so what would be pasted. */
static void
explain_qemu_path(Denial *denial)
{
    gboolean reads = is_only(denial->mask, "rk");
    g_autofree char *domain = domain_word(denial);
    g_autofree char *path = words_quote(denial->object);

    if (is_kernel_state(denial)) {
        say(denial,
            _("QEMU and its libraries look at the kernel's state by themselves; most VMs do "
              "without what was denied"),
            NULL);
    } else if (is_forbidden(denial, reads)) {
        denial->suspicious = TRUE;
        say(denial,
            _("QEMU has no reason of libvirt's to reach this place of the host's: a guest that has "
              "taken over QEMU may have tried to get out"),
            g_strdup(_("look at what runs in the guest; there is nothing to allow")));
    } else if (path_judge_tree(denial->object, FALSE) != TREE_FREE) {
        say(denial,
            _("a place of the host's own: only you know whether the VM is to have this; a guest "
              "that has taken over QEMU may have asked for it as well"),
            g_strdup_printf(_("if it is to have it: virt-aa-ctl edit %s"), domain));
    } else if (!is_only(denial->mask, "rwackd")) {
        say(denial, _("no rule allows QEMU this use of the file"),
            g_strdup_printf("virt-aa-ctl edit %s", domain));
    } else if (!path) {
        say(denial, _("the path has characters that are not shown as they are"), NULL);
    } else {
        say(denial, _("no rule of the VM's names this path: if the VM lacks it, it can be allowed"),
            g_strdup_printf("virt-aa-ctl allow %s %s%s", domain, path,
                            reads ? " --read-only" : ""));
    }
}

static void
explain_qemu(Denial *denial)
{
    g_autofree char *domain = domain_word(denial);

    if (denial->info && strstr(denial->info, "disconnected path"))
        say(denial,
            _("the file has no path in the name space that AppArmor judges by, as one that another "
              "process handed over; no rule for a path allows it"),
            NULL);
    else if (denial->is_path)
        explain_qemu_path(denial);
    else if (strcmp(denial->operation, "capable") == 0)
        say(denial,
            _("QEMU asked for a capability that no rule allows; most VMs do without, and it is "
              "harmless unless something does not work"),
            g_strdup_printf("virt-aa-ctl edit %s", domain));
    else
        say(denial, _("no rule allows QEMU this"), g_strdup_printf("virt-aa-ctl edit %s", domain));
}

static void
explain_qemu_child(Denial *denial)
{
    say(denial,
        _("a program that QEMU's profile has a profile of its own for, as its bridge helper; what "
          "it may do is in TEMPLATE.qemu and the abstractions, for all VMs"),
        NULL);
}

/* ---- virtiofsd ---- */

static gboolean
begins_with_any(const char *text, const char *const *prefixes)
{
    for (; *prefixes; prefixes++) {
        if (g_str_has_prefix(text, *prefixes))
            return TRUE;
    }
    return FALSE;
}

/* What a virtiofsd that is installed somewhere else reads when it starts. */
static gboolean
is_of_a_program(const Denial *denial)
{
    static const char *const places[] = {"/usr/lib",   "/lib",        "/usr/local/lib", "/opt/",
                                         "/nix/store", "/etc/ld.so.", "/usr/share",     NULL};

    return is_only(denial->mask, "rm") && begins_with_any(denial->object, places);
}

static gboolean
is_memory_of(const Denial *denial)
{
    static const char *const places[] = {LOCALSTATEDIR "/lib/libvirt/qemu/ram/",
                                         "/dev/hugepages/libvirt/qemu/", NULL};
    g_autofree char *own = denial->domain ? g_strdup_printf("-%.20s", denial->domain) : NULL;

    return own && begins_with_any(denial->object, places) && strstr(denial->object, own);
}

/* /proc/PID of its own. */
static gboolean
is_own_process(const Denial *denial)
{
    return g_str_has_prefix(denial->object, "/proc/") && is_only(denial->mask, "r") &&
           (g_str_has_suffix(denial->object, "/status") ||
            g_str_has_suffix(denial->object, "/stat") ||
            g_str_has_suffix(denial->object, "/cgroup"));
}

static void
explain_share(Denial *denial)
{
    g_autofree char *domain = domain_word(denial);

    if (!is_only(denial->mask, "rwackdlm"))
        suspect(denial, _("virtiofsd runs no file of a share: its guest may have made it try"));
    else if (denial->share_readonly && !is_only(denial->mask, "rk"))
        say(denial, _("the guest tried to write in a share that is read-only"),
            g_strdup_printf(
                _("if it is to write there: \"virsh edit %s\", and take <readonly/> out "
                  "of the <filesystem>; the VM has to be started again"),
                domain));
    else
        say(denial,
            _("the path lies in a share, and the profile that was in force did not have it, as one "
              "that was detached, or that became another directory"),
            g_strdup_printf("virt-aa-ctl status %s", domain));
}

static void
explain_virtiofsd_path(Denial *denial)
{
    if (denial->share)
        explain_share(denial);
    else if (is_memory_of(denial))
        say(denial, _("guest memory that the profile in force does not have"),
            g_strdup(_("start the VM again")));
    else if (is_of_a_program(denial))
        say(denial,
            _("a file of a program: a virtiofsd that is not where distributions have it reads such "
              "when it starts, but a guest may have tried to read it as well"),
            g_strdup(_("only for a virtiofsd of your own: rules for it go into a file in "
                       "abstractions/libvirt-virtiofsd.d, for all VMs")));
    else if (is_own_process(denial))
        say(denial, _("virtiofsd looked at a process's state, which it does without"), NULL);
    else
        suspect(denial,
                _("the path lies in no share of the VM, and virtiofsd has no reason of its own to "
                  "reach it: its guest may have tried to get out, and was refused"));
}

static gboolean
serves(const char *name)
{
    for (unsigned i = 0; i < CAPABILITY_COUNT; i++) {
        if (strcmp(capability_name(i), name) == 0)
            return ((CAPABILITIES_SERVING | CAPABILITIES_WRITING) & CAPABILITY_BIT(i)) != 0;
    }
    return FALSE;
}

static void
explain_virtiofsd_capability(Denial *denial)
{
    if (serves(denial->object))
        say(denial,
            _("this VM's virtiofsd has no such capability, as all its shares are read-only, or "
              "--modcaps takes it away"),
            g_strdup_printf(_("if its guest is to do this: see <readonly/> of its <filesystem>s, "
                              "and \"options\" in %s"),
                            SETTINGS_FILE));
    else if (strcmp(denial->object, "sys_admin") == 0)
        suspect(
            denial,
            _("only trusted.* attributes, as of an overlay file system in the share, take this "
              "capability, where --modcaps gives it; else its guest may have tried to get out"));
    else
        suspect(denial,
                _("no file of a share takes this capability: its guest may have tried to get out"));
}

static void
explain_virtiofsd(Denial *denial)
{
    if (denial->is_path)
        explain_virtiofsd_path(denial);
    else if (strcmp(denial->operation, "capable") == 0 && denial->object)
        explain_virtiofsd_capability(denial);
    else if (denial->info && strstr(denial->info, "disconnected path"))
        say(denial,
            _("the file has no path in the name space that AppArmor judges by, as one that was "
              "handed over, or whose directory was taken away"),
            NULL);
    else
        suspect(denial, _("virtiofsd has no reason of its own to do this: its guest may have tried "
                          "to get out"));
}

/* ---- the programs around it ---- */

static void
explain_launcher(Denial *denial)
{
    if (denial->mask && strchr(denial->mask, 'x'))
        say(denial,
            _("the launcher may not run this program; for which VM, the record does not say"),
            g_strdup_printf(_("where it is the virtiofsd to run, name it with \"binary\" in %s, or "
                              "allow it in %s/local/virt-aa-virtiofsd"),
                            SETTINGS_FILE, APPARMOR_DIR));
    else
        say(denial, _("the launcher was refused something; for which VM, the record does not say"),
            g_strdup(_("see that its profile is loaded as it was installed: virt-aa-ctl verify")));
}

static void
explain_helper(Denial *denial)
{
    g_autofree char *path = denial->object ? words_quote(denial->object) : NULL;

    say(denial,
        _("virt-aa-helper was refused something; a file that it cannot read, as a disk's image, is "
          "one of which it cannot tell what lies below it"),
        denial->is_path && path && is_only(denial->mask, "rk")
            ? g_strdup_printf(_("if a VM needs it: the line \"%s r,\" in "
                                "%s/local/usr.lib.libvirt.virt-aa-helper, and \"virt-aa-ctl "
                                "update\""),
                              denial->object, APPARMOR_DIR)
            : g_strdup("virt-aa-ctl verify"));
}

static void
explain_libvirtd(Denial *denial)
{
    if (strcmp(denial->operation, "exec") == 0 && denial->object &&
        g_str_has_suffix(denial->object, "virtiofsd"))
        say(denial,
            _("libvirtd was kept from running this virtiofsd itself, which would have been "
              "unconfined: the launcher is not what libvirtd took, or the domain has <binary "
              "path=…>"),
            g_strdup("virt-aa-ctl verify"));
    else
        say(denial, _("libvirtd was refused something about this VM"), NULL);
}

void
denial_explain(Denial *denial)
{
    if (denial->now == DENIAL_NOW_ALLOWED) {
        say(denial, _("allowed since: what is in force now allows it"), NULL);
        return;
    }
    switch (denial->role) {
    case ROLE_QEMU:
        explain_qemu(denial);
        return;
    case ROLE_QEMU_CHILD:
        explain_qemu_child(denial);
        return;
    case ROLE_VIRTIOFSD:
        explain_virtiofsd(denial);
        return;
    case ROLE_LAUNCHER:
        explain_launcher(denial);
        return;
    case ROLE_HELPER:
        explain_helper(denial);
        return;
    case ROLE_LIBVIRTD:
        explain_libvirtd(denial);
        return;
    case ROLE_NONE:
        say(denial, _("another program was refused something about this VM"), NULL);
        return;
    }
    g_assert_not_reached();
}
