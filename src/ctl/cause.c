/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/cause.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/cause-messages.h"

static const Cause causes[N_CAUSES] = {
    [CAUSE_UNKNOWN] = {"unknown", N_("this message is not one that virt-aa-ctl knows"), NULL},
    [CAUSE_RESTRICTED] =
        {"restricted", N_("the VM shares a directory of the host's own, which no VM gets unasked"),
         N_("share what is needed of it, or allow it in virt-aa-virtiofs.conf(5): \"virt-aa-ctl "
            "plan DOMAIN\" "
            "says by which line")},
    [CAUSE_RESTRICTED_FILE] =
        {"restricted-file", N_("the VM has a file of the host's own, which no VM gets"),
         N_("move it to where VMs have theirs, or see \"virt-aa-ctl plan DOMAIN\"")},
    [CAUSE_DIRECTORY] = {"missing-directory",
                         N_("a directory that the VM shares is not there, or is none"),
                         N_("make it, or correct the <source dir=…> with \"virsh edit DOMAIN\"")},
    [CAUSE_SHARE_MOVED] =
        {"share-moved",
         N_("a shared directory was moved or replaced between the helper's look at "
            "it and virtiofsd's start"),
         N_("start the VM again; if it goes on, find out who replaces the directory")},
    [CAUSE_IDMAP] =
        {"idmap", N_("a <filesystem> has an <idmap>, which no virtiofsd of root's can serve"),
         N_("take <idmap> out with \"virsh edit DOMAIN\"; --translate-uid in \"options\" "
            "of virt-aa-virtiofs.conf(5) changes owners")},
    [CAUSE_FOREIGN_BINARY] =
        {"foreign-binary",
         N_("a <filesystem> has a <binary path=…>: libvirtd would run that "
            "program itself, and not confined"),
         N_("take <binary> out with \"virsh edit DOMAIN\" and name the program with \"binary\" in "
            "virt-aa-virtiofs.conf(5)")},
    [CAUSE_NO_LABEL] =
        {"no-label",
         N_("the VM has no AppArmor label, and the configuration says \"unrecorded = "
            "refuse\""),
         N_("take <seclabel type='none'> out with \"virsh edit DOMAIN\"")},
    [CAUSE_UNCONFINED] = {"unconfined",
                          N_("a virtiofsd runs without a profile, as the VM has no AppArmor label"),
                          N_("virt-aa-ctl status DOMAIN")},
    [CAUSE_COMPLAIN] = {"complain",
                        N_("virtiofsd's profile is in complain mode and keeps it from nothing"),
                        N_("virt-aa-ctl enforce DOMAIN --virtiofsd")},
    [CAUSE_CONFIGURATION] = {"configuration",
                             N_("there is a mistake in the configuration file, and no VM with a "
                                "share starts until it is corrected"),
                             "virt-aa-ctl check --config"},
    [CAUSE_POLICY] =
        {"policy",
         N_("the VM's policy does not compile: a template, an abstraction, or rules of "
            "one's own are wrong"),
         "virt-aa-ctl verify"},
    [CAUSE_OWN_RULES] = {"own-rules",
                         N_("the administrator's own rules for this VM cannot be used; the message "
                            "names the file"),
                         N_("virt-aa-ctl edit DOMAIN")},
    [CAUSE_TEMPLATE] =
        {"template",
         N_("a template of profiles is missing or damaged (TEMPLATE.qemu of libvirt's "
            "package, TEMPLATE.virtiofsd of ours)"),
         "virt-aa-ctl verify"},
    [CAUSE_STATE] = {"state", N_("a profile on disk is missing, damaged, or there already"),
                     N_("start the VM again, which makes it anew")},
    [CAUSE_RECORD] =
        {"record", N_("what the helper recorded of this VM for the launcher is missing or damaged"),
         N_("start the VM again, which makes it anew")},
    [CAUSE_DEFINITION] =
        {"definition",
         N_("something in the VM's definition cannot be understood or granted; the "
            "message names the element"),
         N_("virsh edit DOMAIN")},
    [CAUSE_IMAGE] = {"image", N_("an image of a disk cannot be used as the definition says"), NULL},
    [CAUSE_DEVICE] = {"device", N_("a device of the host that the VM names is not there"),
                      N_("plug it in, or correct it with \"virsh edit DOMAIN\"")},
    [CAUSE_TOO_MANY_RULES] = {"too-many-rules",
                              N_("the VM has more files than rules can be compiled for in time"),
                              N_("give it fewer disks, or shorter chains of images")},
    [CAUSE_COMPILER] = {"compiler", N_("apparmor_parser did not do its work"),
                        N_("see whether it runs at all: apparmor_parser --version; and whether the "
                           "host has memory left")},
    [CAUSE_KERNEL] = {"kernel", N_("the kernel did not take or answer for the policy"),
                      N_("virt-aa-ctl verify; see also: dmesg | grep -i apparmor")},
    [CAUSE_KERNEL_FEATURE] = {"kernel-feature",
                              N_("the kernel refused a step of virtiofsd's sandbox"),
                              N_("see that the kernel is Linux 5.12 or later, with seccomp")},
    [CAUSE_LAUNCHER_PROFILE] = {"launcher-profile",
                                N_("the launcher's own profile does not let it do its work, as one "
                                   "that is not loaded as it was installed"),
                                "virt-aa-ctl verify"},
    [CAUSE_VIRTIOFSD] =
        {"virtiofsd",
         N_("the virtiofsd to run is missing, or somebody else than root can "
            "change it or its description"),
         N_("install virtiofsd, see \"binary\" in virt-aa-virtiofs.conf(5), and that it and its "
            "directories are root's alone")},
    [CAUSE_HELPER] = {"helper", N_("virt-aa-helper, which the launcher had asked, failed"),
                      N_("its message, in the same log or in the journal, says more")},
    [CAUSE_BUSY] = {"busy", N_("another call for the same VM did not end in time"),
                    N_("try again; if it goes on, look for a virt-aa-helper that hangs: ps -C "
                       "virt-aa-helper")},
    [CAUSE_DISK] =
        {"disk", N_("policy or records cannot be written"),
         N_("see that the file systems of AppArmor's policy and of /run are neither full nor "
            "read-only: df /etc /run")},
    [CAUSE_HOST] = {"host", N_("the host refused something; the message says what"), NULL},
    [CAUSE_CALL] = {"call",
                    N_("the helper or the launcher was called in a way that libvirt does not"),
                    "virt-aa-ctl verify"},
};

/* Where a directive of printf() ends that begins at @at, a percent sign. */
static const char *
end_of_directive(const char *at)
{
    at++;
    at += strspn(at, "0123456789.*lzh");
    return *at ? at + 1 : at;
}

/*
 * How well @message fits @id: the bytes of @id that are no directive, if they are all there in their order,
 * else 0. What stands before and behind is of others: "while reading disk 'vda': …".
 */
static gsize
fits(const char *message, const char *id)
{
    gsize score = 0;

    while (*id) {
        gsize length = strcspn(id, "%");
        g_autofree char *piece = g_strndup(id, length);

        message = length ? strstr(message, piece) : message;
        if (!message)
            return 0;
        message += length;
        score += length;
        id += length;
        if (*id)
            id = end_of_directive(id);
    }
    return score;
}

/* The more of a message is its own words, the less it is by chance that they are there. */
CauseId
cause_of(const char *message)
{
    CauseId best = CAUSE_UNKNOWN;
    gsize best_score = 0;

    for (gsize i = 0; i < cause_n_messages; i++) {
        const char *id = cause_messages[i].id;
        gsize score = MAX(fits(message, id), fits(message, _(id)));

        if (cause_messages[i].cause == CAUSE_NONE || score <= best_score)
            continue;
        best_score = score;
        best = cause_messages[i].cause;
    }
    return best;
}

const Cause *
cause_get(CauseId id)
{
    g_assert(id > CAUSE_NONE && id < N_CAUSES);
    return &causes[id];
}

char *
cause_remedy(CauseId id, const char *domain)
{
    const char *remedy = cause_get(id)->remedy;
    g_auto(GStrv) parts = remedy ? g_strsplit(_(remedy), "DOMAIN", -1) : NULL;

    return parts ? g_strjoinv(domain, parts) : NULL;
}
