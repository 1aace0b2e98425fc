/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/launcher.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "basic/auto.h"
#include "basic/escape.h"
#include "basic/failure.h"
#include "basic/message.h"
#include "launcher/arguments.h"
#include "launcher/binary.h"
#include "launcher/confine.h"
#include "launcher/environment.h"
#include "launcher/run-helper.h"
#include "launcher/landlock.h"
#include "launcher/mounts.h"
#include "launcher/needs.h"
#include "launcher/privileges.h"
#include "launcher/find-record.h"
#include "launcher/share.h"
#include "launcher/socket.h"
#include "virtiofsd/extra.h"

static const char *const vhost_user[] = {
    SYSCONFDIR "/qemu/vhost-user",
    DATADIR "/qemu/vhost-user",
    NULL,
};

static const char *const known[] = {
    "/usr/libexec/virtiofsd",      /* Debian 13, Ubuntu, Fedora, openSUSE, RHEL */
    "/usr/lib/virtiofsd",          /* Arch */
    "/usr/lib/qemu/virtiofsd",     /* Debian 12 */
    "/usr/libexec/qemu/virtiofsd", /* others that build QEMU so */
    "/usr/lib64/qemu/virtiofsd",   NULL,
};

const LauncherPaths launcher_paths = {
    .name = "virt-aa-virtiofsd",
    .self = "/proc/self/exe",
    .records = RUNSTATEDIR "/virt-aa-virtiofs",
    .helper = LIBVIRT_LIBEXECDIR "/virt-aa-helper",
    .proc = "/proc",
    .vhost_user = vhost_user,
    .known = known,
    .owner = 0,
    .helper_ms = RUN_HELPER_MS,
};

/* What is known of this start, for messages and from step to step. */
typedef struct {
    const LauncherPaths *paths;
    const System *system;
    char *const *environment; /* as it was */
    bool root;
    bool query; /* the program is asked about itself: there is no socket and no share */
    char socket[SOCKET_PATH_BYTES]; /* where it is bound, or "" */
    Arguments arguments;
    Record record;
    int held; /* the record's file, locked; -1: none */
    Failure failure;
} Start;

static void
start_clear(Start *start)
{
    arguments_clear(&start->arguments);
    record_clear(&start->record);
    auto_close(&start->held);
}

/*
 * One line on standard error, in one write so that no other virtiofsd's comes between. Paths and names
 * come from a VM's definition: a line break in them would forge a second line of log.
 */
static void __attribute__((format(printf, 2, 3))) say(const Start *start, const char *format, ...)
{
    char text[FAILURE_TEXT_BYTES];
    char line[ESCAPE_BYTES(sizeof(text)) + 1]; /* with its line break nothing is cut */
    size_t length;
    va_list arguments;

    length = (size_t)snprintf(text, sizeof(text), "%s: ", start->paths->name);
    if (length >= sizeof(text))
        length = 0; /* a name that long says less than the message */
    va_start(arguments, format);
    vsnprintf(text + length, sizeof(text) - length, format, arguments);
    va_end(arguments);
    length = escape_line(text, line, sizeof(line) - 1);
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, length) < 0)
        return; /* nowhere to say that it cannot be said */
}

/* The one line that ends a start: which VM, which share, what failed, what to do. */
static int
refuse(const Start *start)
{
    const char *todo = start->failure.todo;

    if (!todo)
        todo = _("see virt-aa-virtiofsd(8)");
    if (start->record.domain)
        say(start, _("VM '%s', share '%s': %s; the VM's virtiofsd was not started: %s"),
            start->record.domain, start->arguments.share ? start->arguments.share : "?",
            start->failure.text, todo);
    else if (start->query)
        say(start, "%s: %s", start->failure.text, todo);
    else if (!start->socket[0])
        say(start, _("%s; virtiofsd was not started: %s"), start->failure.text, todo);
    else
        say(start, _("socket '%s', share '%s': %s; virtiofsd was not started: %s"), start->socket,
            start->arguments.share ? start->arguments.share : "?", start->failure.text, todo);
    return EXIT_FAILURE;
}

LauncherDecision
launcher_decide(bool query, bool root, bool apparmor, LauncherRecord record)
{
    if (query || !root || !apparmor)
        return LAUNCHER_PASS;
    switch (record) {
    case LAUNCHER_RECORD_NONE:
        return LAUNCHER_PASS_NOTED;
    case LAUNCHER_RECORD_FOUND:
        return LAUNCHER_CONFINE;
    case LAUNCHER_RECORD_UNKNOWN:
        break;
    }
    return LAUNCHER_REFUSE;
}

static LauncherRecord
find_record(Start *start, int argc, char *argv[])
{
    const Arguments *arguments = &start->arguments;
    pid_t listener;

    if (!arguments_parse(argc, argv, &start->arguments, &start->failure) ||
        !socket_path(arguments, start->socket, &start->failure))
        return LAUNCHER_RECORD_UNKNOWN;
    if (!start->socket[0])
        return LAUNCHER_RECORD_NONE;
    listener = arguments->fd >= 0 ? socket_listener(arguments->fd) : 0;
    switch (record_read(start->paths, start->socket, listener, &start->record, &start->held,
                        &start->failure)) {
    case RECORD_FOUND:
        if (arguments->fd >= 0)
            return LAUNCHER_RECORD_FOUND;
        failure_set(&start->failure, NULL,
                    _("the socket is one of libvirt's, which hands it over by --fd"));
        return LAUNCHER_RECORD_UNKNOWN;
    case RECORD_NONE:
        /* what a stale one says is about another VM */
        record_clear(&start->record);
        return LAUNCHER_RECORD_NONE;
    case RECORD_BAD:
        break;
    }
    return LAUNCHER_RECORD_UNKNOWN;
}

static bool
become(Start *start, const char *binary, char *const argv[], char *const environment[])
{
    start->system->exec(binary, argv, environment);
    return failure_errno(&start->failure, errno, NULL, _("cannot run %s"), binary);
}

static bool
pass_through(Start *start, char *argv[])
{
    AUTO_FREE char *binary = NULL;

    /* a kernel before Linux 5.18 lets it be so: what follows are the environment's strings */
    if (!argv[0])
        return failure_set(&start->failure, NULL, _("the program was started without its name"));
    if (!binary_find(start->paths, NULL, start->root, &binary, &start->failure))
        return false;
    argv[0] = binary;
    return become(start, binary, argv, start->environment);
}

/*
 * Whether the administrator lets a virtiofsd run that nothing is known of. It is the helper that reads the
 * configuration. Where an update has put another helper in its place, which would confine no VM and leave
 * no record of any, it does not know the question, and nothing runs.
 */
static bool
ask_about_unrecorded(Start *start)
{
    /* one without a path is nobody's, and asked for as well */
    const char *socket = start->socket[0] ? start->socket : "?";
    const char *argv[] = {start->paths->helper, "--unrecorded", socket, NULL};

    if (run_helper(start->paths->helper, (char *const *)argv, start->paths->helper_ms,
                   &start->failure))
        return true;
    start->failure.todo =
        _("allow it there, or, where that is libvirt's own virt-aa-helper again (see "
          "\"virt-aa-ctl verify\"), put ours back with \"virt-aa-ctl enable\"");
    return false;
}

/* What changes for the VM and what an administrator would look for in the log, once a start. */
static void
tell(const Start *start, const char *mode)
{
    const char *asked = start->arguments.sandbox;

    if (asked && strcmp(asked, "chroot") != 0)
        say(start,
            _("VM '%s', share '%s': sandbox 'chroot' is used instead of '%s', as under every "
              "profile of virtiofsd"),
            start->record.domain, start->arguments.share, asked);
    if (strcmp(mode, "enforce") != 0)
        say(start,
            _("VM '%s', share '%s': profile %s is in mode '%s' and does not keep virtiofsd from "
              "anything"),
            start->record.domain, start->arguments.share, start->record.label, mode);
}

/* What was found out about a start before anything was changed. */
typedef struct {
    char *share; /* resolved */
    ShareHeld held;
    char *binary;
    bool readonly;
    Needs needs;
} Found;

static void
found_clear(Found *found)
{
    free(found->share);
    free(found->binary);
}

/* The walls that stand without the profile, each for itself, from exec on. */
static bool
enclose(const Start *start, const Found *found, Failure *failure)
{
    const System *system = start->system;
    const char *records = start->paths->records;
    bool landlocked = false;

    /* a. the share, and nothing else that could be written */
    if (!mounts_set(system,
                    &(MountsWanted){found->share, &found->held, found->binary, found->readonly},
                    failure))
        return false;
    /* b. no descriptor that is worth more than its use */
    if (!system->hand_on(start->arguments.fd, failure))
        return false;
    /* c. the share's files, and of others what it reads to start */
    if (!landlock_set(system,
                      &(LandlockWanted){found->share, found->binary, found->readonly, records},
                      &landlocked, failure))
        return false;
    if (!landlocked)
        say(start,
            _("VM '%s', share '%s': this kernel has no Landlock, which would stand beside profile "
              "%s"),
            start->record.domain, start->arguments.share, start->record.label);
    /* d. no more capabilities than it starts with */
    privileges_raise_limit(system, &found->needs);
    if (!privileges_drop(system, &found->needs, failure))
        return false;
    /* e. no system call that reaches beyond the share; last, for it refuses most of the above */
    return confine_filter(system, &found->needs, failure);
}

/* Does not return where virtiofsd has been started; everything else is a failure. */
static bool
confine(Start *start)
{
    const Record *record = &start->record;
    const Arguments *arguments = &start->arguments;
    Failure *failure = &start->failure;
    Found found __attribute__((cleanup(found_clear))) = {.share = NULL};
    AUTO_FREE char *mode = NULL;
    char **argv __attribute__((cleanup(arguments_free_built))) = NULL;
    char *environment[ENVIRONMENT_MAX + 1];

    /* 1. the arguments and the configuration's options can be served */
    if (!confine_check_arguments(arguments, record, failure))
        return false;
    /* the record says it only of a share of the XML, and libvirt does not know the configuration */
    found.readonly =
        arguments->readonly || record->readonly || extra_have(record->options, OPTION_READONLY);
    /* 2. the directory, as the kernel names it, is the one of the VM's definition */
    if (!share_resolve(arguments->share, &found.share, &found.held, failure) ||
        !confine_check_share(found.share, record, failure))
        return false;
    /* 3. there is a virtiofsd, and only root can change it */
    if (!binary_find(start->paths, record->binary, true, &found.binary, failure))
        return false;
    /* 4. the loaded profile allows the directory */
    if (!confine_cover(start->paths, start->system, record,
                       &(Served){start->socket, found.share, found.readonly}, failure))
        return false;
    /* 5. no network, no IPC, no host name, no mounts of the host's */
    if (!confine_namespaces(start->system, failure))
        return false;
    /* 6. its arguments, with sandbox "chroot", the resolved directory and the configuration's options */
    argv = arguments_build(arguments, found.binary, found.share, record->options);
    if (!argv)
        return failure_errno(failure, ENOMEM, NULL, _("cannot make the arguments"));
    found.needs = needs_read(argv);
    /* 7. the label, from exec on; before /proc is read-only, where it is written */
    if (!confine_label(start->system, record, &mode, failure))
        return false;
    tell(start, mode);
    /* 8. what stands without the label */
    if (!enclose(start, &found, failure))
        return false;
    /* 9. nothing that libvirtd's environment could tell it */
    environment_for_virtiofsd(start->environment, environment);
    /* 10. without a fork: libvirt has noted this process */
    return become(start, found.binary, argv, environment);
}

int
launcher_run(int argc, char *argv[], char *const environment[], const LauncherPaths *paths,
             const System *system)
{
    Start start __attribute__((cleanup(start_clear))) = {
        .paths = paths,
        .system = system,
        .environment = environment,
        .root = system->effective_user() == 0,
        .query = arguments_is_query(argc, argv),
        .arguments = ARGUMENTS_INIT,
        .held = -1,
    };
    bool apparmor = !start.query && start.root && system->has_apparmor();
    LauncherRecord record = apparmor ? find_record(&start, argc, argv) : LAUNCHER_RECORD_NONE;

    switch (launcher_decide(start.query, start.root, apparmor, record)) {
    case LAUNCHER_PASS:
        pass_through(&start, argv);
        break;
    case LAUNCHER_PASS_NOTED:
        if (!ask_about_unrecorded(&start))
            break;
        say(&start,
            _("no AppArmor record for socket '%s': virtiofsd runs without a profile of its VM"),
            start.socket);
        pass_through(&start, argv);
        break;
    case LAUNCHER_CONFINE:
        confine(&start);
        break;
    case LAUNCHER_REFUSE:
        break;
    }
    return refuse(&start);
}
