/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/confine.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "basic/auto.h"
#include "basic/message.h"
#include "launcher/run-helper.h"
#include "launcher/filter.h"
#include "virtiofsd/extra.h"

bool
confine_check_arguments(const Arguments *arguments, const Record *record, Failure *failure)
{
    if (!arguments->share)
        return failure_set(failure, NULL, _("the arguments name no directory to share"));
    /*
     * As root virtiofsd itself refuses both in every sandbox mode (Sandbox::enter() in its sandbox.rs;
     * tried with 1.13.2 and 1.14.0, and QEMU's daemon does not know them): such a VM does not start
     * without this program either. Dropping them would serve files under other owners than asked for.
     */
    if (arguments->idmap)
        return failure_set(
            failure,
            _("remove <idmap> from the filesystem in the VM's definition; where files "
              "must change owner, see --translate-uid of virtiofsd"),
            _("<idmap> (--uid-map, --gid-map) works only in a virtiofsd that is not "
              "root"));
    return extra_check(record->options, failure);
}

bool
confine_check_share(const char *share, const Record *record, Failure *failure)
{
    if (!record->share || strcmp(share, record->share) == 0)
        return true;
    return failure_set(failure, _("if it was moved or replaced on purpose, start the VM again"),
                       _("the VM's definition names %s for this socket, and this is %s"),
                       record->share, share);
}

/* A name below @share that no file has and no single rule is about. */
static char *
probe_below(const char *share)
{
    uint64_t number = 0;
    char *path = NULL;

    /* a name that can be guessed is only less of a probe */
    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
        number = (uint64_t)(uintptr_t)&path;
    if (asprintf(&path, "%s/.virt-aa-virtiofs-%016" PRIx64, share[1] ? share : "", number) < 0)
        return NULL;
    return path;
}

/* What the profile says about the directory itself and about what is below it: the worse of both. */
static SystemAnswer
query_share(const System *system, const char *label, const Served *served)
{
    uint32_t below = SYSTEM_MAY_READ | (served->readonly ? 0 : SYSTEM_MAY_WRITE);
    AUTO_FREE char *probe = probe_below(served->share);
    AUTO_FREE char *directory = NULL;
    SystemAnswer answer;

    /* a rule for a directory ends in a slash */
    if (!probe || asprintf(&directory, "%s/", served->share[1] ? served->share : "") < 0) {
        directory = NULL;
        errno = ENOMEM;
        return SYSTEM_ERROR;
    }
    answer = system->query(SYSTEM_MAY_READ, label, directory);
    return answer == SYSTEM_ALLOWED ? system->query(below, label, probe) : answer;
}

static bool
add_share(const LauncherPaths *paths, const Record *record, const Served *served, Failure *failure)
{
    const char *argv[] = {paths->helper,
                          "-r",
                          "-u",
                          record->profile,
                          "--add-share",
                          served->share,
                          "--share-socket",
                          served->socket,
                          served->readonly ? "--share-readonly" : NULL,
                          NULL};

    return run_helper(paths->helper, (char *const *)argv, paths->helper_ms, failure);
}

bool
confine_cover(const LauncherPaths *paths, const System *system, const Record *record,
              const Served *served, Failure *failure)
{
    SystemAnswer answer = query_share(system, record->label, served);

    /* One that is being attached is told even where the profile covers it: by another share, which may be
     * detached before it. */
    if (answer == SYSTEM_NOT_ALLOWED || answer == SYSTEM_NO_PROFILE || !record->share) {
        if (!add_share(paths, record, served, failure))
            return false;
        answer = query_share(system, record->label, served);
    }
    switch (answer) {
    case SYSTEM_ALLOWED:
        return true;
    case SYSTEM_NOT_ALLOWED:
        return failure_set(failure, run_helper_todo(), _("profile %s does not allow the directory"),
                           record->label);
    case SYSTEM_NO_PROFILE:
        return failure_set(failure, run_helper_todo(), _("profile %s is not loaded"),
                           record->label);
    case SYSTEM_ERROR:
        break;
    }
    return failure_errno(failure, errno,
                         _("see that securityfs is mounted at /sys/kernel/security"),
                         _("cannot ask the kernel about profile %s"), record->label);
}

bool
confine_namespaces(const System *system, Failure *failure)
{
    static const char *const kinds[] = {"net", "ipc", "uts", "mnt"};
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), NAME = 64 };
    char before[KINDS][NAME];
    char after[NAME];

    for (size_t i = 0; i < KINDS; i++)
        if (system->namespace_name(kinds[i], before[i], NAME) < 0)
            return failure_errno(failure, errno, NULL, _("cannot look at namespace %s"), kinds[i]);
    if (system->unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) < 0)
        return failure_errno(failure, errno, NULL,
                             _("cannot make network, IPC, UTS and mount namespaces"));
    for (size_t i = 0; i < KINDS; i++) {
        if (system->namespace_name(kinds[i], after, NAME) < 0)
            return failure_errno(failure, errno, NULL, _("cannot look at namespace %s"), kinds[i]);
        if (strcmp(before[i], after) == 0)
            return failure_set(failure, NULL, _("namespace %s did not change"), kinds[i]);
    }
    return true;
}

bool
confine_filter(const System *system, const Needs *needs, Failure *failure)
{
    FilterNeeds filter_needs = {
        .self = getpid(),
        .xattr = needs->xattr,
        .file_handles = needs->file_handles,
    };
    Filter filter;

    filter_build(&filter_needs, &filter);
    if (system->add_filter(&filter.program) < 0)
        return failure_errno(failure, errno, _("see that the kernel has CONFIG_SECCOMP_FILTER"),
                             _("cannot set a seccomp filter"));
    if (!system->is_filtered())
        return failure_set(failure, NULL, _("the seccomp filter refuses nothing"));
    return true;
}

static const char *
todo_own_profile(void)
{
    return _("see that profile libvirt-virtiofsd-launcher is loaded as it was installed");
}

bool
confine_label(const System *system, const Record *record, char **mode, Failure *failure)
{
    AUTO_FREE char *label = NULL; /* libapparmor keeps @found_mode in the same block */
    char *found_mode = NULL;

    if (system->set_exec_label(record->label) < 0)
        return failure_errno(failure, errno, todo_own_profile(), _("cannot change to profile %s"),
                             record->label);
    if (system->get_exec_label(&label, &found_mode) < 0)
        return failure_errno(failure, errno, todo_own_profile(),
                             _("cannot see the profile that was set"));
    if (strcmp(label, record->label) != 0)
        return failure_set(failure, todo_own_profile(), _("the kernel took profile %s for %s"),
                           label, record->label);
    *mode = strdup(found_mode ? found_mode : "");
    if (!*mode)
        return failure_errno(failure, ENOMEM, NULL, _("cannot change to profile %s"),
                             record->label);
    return true;
}
