/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A host for whole starts of the launcher, with a kernel that says what the test wants and notes what it is
 * asked for.
 */

#include "launcher/launcher.h"

#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>

#include "launcher/run-helper.h"
#include "launcher-fixture.h"

#define PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"
#define LABEL   PROFILE "-virtiofsd"

static struct {
    bool apparmor;
    bool root;
    bool profile_loaded;
    bool allows_read;
    bool allows_write;
    bool query_fails;
    bool unshare_fails;
    bool unshare_lies;
    bool label_fails;
    bool mounts_fail;
    bool landlock_absent;
    bool landlock_fails;
    bool descriptors_fail;
    bool filter_fails;
    bool filter_lies;
    const char *label_lies; /* what the kernel says was set */
    const char *mode;
} world;

static struct {
    char label[128];
    bool unshared;
    bool mounted;
    bool readonly;
    bool landlocked;
    bool settled;
    bool filtered;
    uint64_t dropped; /* a bit for each capability */
    int queries;
    char ran[PATH_MAX];
    char line[4096];        /* the arguments, with "|" between */
    char environment[1024]; /* the same of the environment */
} done;

/* Of the calls of a start, the one that fails. */
static struct {
    unsigned at; /* from 1; 0: none */
    int error;
    unsigned calls;     /* so far */
    const char *failed; /* (nullable): which it was */
} ask;

static inline bool
call_fails(const char *name)
{
    if (!ask.at || ++ask.calls != ask.at)
        return false;
    ask.failed = name;
    errno = ask.error;
    return true;
}

/* Of the fakes: check's own assertions take memory, whose lack is one of the failures that are tried. */
#define MUST(condition)                     \
    do {                                    \
        if (!(condition))                   \
            ck_abort_msg("%s", #condition); \
    } while (0)

static inline bool
fake_has_apparmor(void)
{
    return world.apparmor;
}

static inline uid_t
fake_user(void)
{
    return world.root ? 0 : 1000;
}

static inline SystemAnswer
fake_query(uint32_t mask, const char *label, const char *path)
{
    size_t share_length = strlen(fixture_path("share"));

    if (call_fails("query"))
        return SYSTEM_ERROR;
    done.queries++;
    MUST(strcmp(label, LABEL) == 0);
    MUST(strncmp(path, fixture_path("share"), share_length) == 0);
    MUST(path[share_length] == '/');
    /* the helper's work shows in what the kernel says afterwards */
    if (access(fixture_path("helped"), F_OK) == 0)
        world.profile_loaded = world.allows_read = world.allows_write = true;
    if (world.query_fails) {
        errno = EACCES;
        return SYSTEM_ERROR;
    }
    if (!world.profile_loaded)
        return SYSTEM_NO_PROFILE;
    if ((mask & SYSTEM_MAY_READ && !world.allows_read) ||
        (mask & SYSTEM_MAY_WRITE && !world.allows_write))
        return SYSTEM_NOT_ALLOWED;
    return SYSTEM_ALLOWED;
}

static inline int
fake_set_exec_label(const char *label)
{
    if (call_fails("set_exec_label"))
        return -1;
    if (world.label_fails) {
        errno = EACCES;
        return -1;
    }
    MUST(snprintf(done.label, sizeof(done.label), "%s", label) < (int)sizeof(done.label));
    return 0;
}

static inline int
fake_get_exec_label(char **label, char **mode)
{
    const char *text = world.label_lies ? world.label_lies : done.label;
    size_t text_bytes = strlen(text) + 1;
    size_t mode_bytes = strlen(world.mode) + 1;

    if (call_fails("get_exec_label"))
        return -1;
    *label = malloc(text_bytes + mode_bytes);
    if (!*label)
        return -1;
    *mode = *label + text_bytes;
    memcpy(*label, text, text_bytes);
    memcpy(*mode, world.mode, mode_bytes);
    return 0;
}

static inline int
fake_unshare(int flags)
{
    if (call_fails("unshare"))
        return -1;
    if (world.unshare_fails) {
        errno = EPERM;
        return -1;
    }
    done.unshared = !world.unshare_lies;
    return 0;
}

static inline ssize_t
fake_namespace_name(const char *kind, char *name, size_t size)
{
    if (call_fails("namespace_name"))
        return -1;
    return snprintf(name, size, "%s:[%d]", kind, done.unshared);
}

static inline int
fake_open_directory(const char *path)
{
    if (call_fails("open_directory"))
        return -1;
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static inline int
fake_look_at(const char *path, SystemPlace *place)
{
    struct stat found;
    bool share = strcmp(path, fixture_path("share")) == 0;

    if (call_fails("look_at"))
        return -1;
    if (stat(path, &found) < 0)
        return -1;
    *place = (SystemPlace){found.st_dev, found.st_ino, done.mounted && share,
                           share ? ST_NOSUID | ST_NODEV | ST_NOEXEC : ST_RDONLY};
    if (share && done.readonly)
        place->flags |= ST_RDONLY;
    return 0;
}

static inline int
fake_clone_mounts(int directory)
{
    if (call_fails("clone_mounts"))
        return -1;
    return dup(directory);
}

static inline int
fake_set_mounts(int tree, const struct mount_attr *attr)
{
    if (call_fails("set_mounts"))
        return -1;
    MUST(done.label[0]); /* /proc is read-only from here on */
    if (tree >= 0)
        done.readonly = attr->attr_set & MOUNT_ATTR_RDONLY;
    return 0;
}

static inline int
fake_attach_mounts(int tree, int directory)
{
    if (call_fails("attach_mounts"))
        return -1;
    if (world.mounts_fail) {
        errno = EINVAL;
        return -1;
    }
    done.mounted = true;
    return 0;
}

static inline int
fake_landlock_version(void)
{
    if (call_fails("landlock_version"))
        return -1;
    errno = ENOSYS;
    return world.landlock_absent ? -1 : 6;
}

static inline int
fake_landlock_create(const SystemLandlock *attr)
{
    if (call_fails("landlock_create"))
        return -1;
    MUST(done.mounted); /* under Landlock no mount can be changed */
    return open("/", O_PATH | O_CLOEXEC);
}

static inline int
fake_landlock_add(int rules, const struct landlock_path_beneath_attr *rule)
{
    if (call_fails("landlock_add"))
        return -1;
    return 0;
}

static inline int
fake_landlock_restrict(int rules, uint32_t flags)
{
    if (call_fails("landlock_restrict"))
        return -1;
    if (world.landlock_fails) {
        errno = EPERM;
        return -1;
    }
    done.landlocked = true;
    return 0;
}

static inline int
fake_read_directory(const char *path)
{
    if (call_fails("read_directory"))
        return -1;
    MUST(strcmp(path, fixture_path("run")) == 0);
    errno = EACCES;
    return done.landlocked ? -1 : 0;
}

static inline bool
fake_hand_on(int fd, Failure *failure)
{
    if (call_fails("hand_on"))
        return failure_set(failure, NULL, "no descriptors");
    MUST(done.mounted && !done.landlocked); /* the pid file is opened again */
    MUST(fd >= 0);
    done.settled = true;
    return !world.descriptors_fail || failure_set(failure, NULL, "no descriptors");
}

static inline uint64_t
fake_most_descriptors(void)
{
    return 2000000;
}

static inline int
fake_raise_descriptors(uint64_t count)
{
    if (call_fails("raise_descriptors"))
        return -1;
    MUST(count == 1000000);
    return 0;
}

static inline int
fake_may_gain(int capability)
{
    if (call_fails("may_gain"))
        return -1;
    if (capability > CAP_LAST_CAP) {
        errno = EINVAL;
        return -1;
    }
    return !(done.dropped >> capability & 1);
}

static inline int
fake_drop_capability(int capability)
{
    if (call_fails("drop_capability"))
        return -1;
    done.dropped |= UINT64_C(1) << capability;
    return 0;
}

static inline int
fake_add_filter(const struct sock_fprog *filter)
{
    if (call_fails("add_filter"))
        return -1;
    MUST(filter->len > 0);
    if (world.filter_fails) {
        errno = EINVAL;
        return -1;
    }
    done.filtered = !world.filter_lies;
    return 0;
}

static inline bool
fake_is_filtered(void)
{
    if (call_fails("is_filtered"))
        return false;
    return done.filtered;
}

static inline int
fake_exec(const char *path, char *const argv[], char *const environment[])
{
    done.environment[0] = '\0';
    for (int i = 0; environment[i]; i++)
        sprintf(done.environment + strlen(done.environment), "%s%s", i ? "|" : "", environment[i]);
    MUST(snprintf(done.ran, sizeof(done.ran), "%s", path) < (int)sizeof(done.ran));
    done.line[0] = '\0';
    for (int i = 1; argv[i]; i++)
        sprintf(done.line + strlen(done.line), "%s%s", i > 1 ? "|" : "", argv[i]);
    MUST(strcmp(argv[0], path) == 0);
    errno = ENOEXEC;
    return -1;
}

static const System fake_system = {
    .has_apparmor = fake_has_apparmor,
    .effective_user = fake_user,
    .query = fake_query,
    .set_exec_label = fake_set_exec_label,
    .get_exec_label = fake_get_exec_label,
    .unshare = fake_unshare,
    .namespace_name = fake_namespace_name,
    .open_directory = fake_open_directory,
    .look_at = fake_look_at,
    .clone_mounts = fake_clone_mounts,
    .set_mounts = fake_set_mounts,
    .attach_mounts = fake_attach_mounts,
    .landlock_version = fake_landlock_version,
    .landlock_create = fake_landlock_create,
    .landlock_add = fake_landlock_add,
    .landlock_restrict = fake_landlock_restrict,
    .read_directory = fake_read_directory,
    .hand_on = fake_hand_on,
    .most_descriptors = fake_most_descriptors,
    .raise_descriptors = fake_raise_descriptors,
    .may_gain = fake_may_gain,
    .drop_capability = fake_drop_capability,
    .add_filter = fake_add_filter,
    .is_filtered = fake_is_filtered,
    .exec = fake_exec,
};

static int listener = -1;
static char log_text[65536];
static bool running; /* the launcher, and not the test */

static inline void
setup(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    fixture_setup();
    setenv("LC_ALL", "C", 1);
    memset(&done, 0, sizeof(done));
    memset(&world, 0, sizeof(world));
    world.apparmor = world.root = world.profile_loaded = true;
    world.allows_read = world.allows_write = true;
    world.mode = "enforce";
    fixture_file("bin/virtiofsd", "", 0755);
    fixture_file("share/", NULL, 0);
    fixture_file("other/", NULL, 0);
    fixture_file("run/sockets/", NULL, 0);
    /* says what it was called with, and does its work unless told not to */
    fixture_file("bin/helper",
                 "#!/bin/sh\ncd \"${0%/*}/..\"\necho \"$*\" > called\n[ -e idle ] || : > helped\n"
                 "[ ! -e broken ] || { echo no room >&2; exit 1; }\n",
                 0755);
    fixture_copy(address.sun_path, sizeof(address.sun_path), fixture_path("s.sock"));
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
}

static inline void
teardown(void)
{
    close(listener);
    fixture_teardown();
}

/* Writes the record for the listening socket: @lines after the first ones, "@" for the root. */
static inline void
make_record(const char *lines)
{
    char text[PATH_MAX + 1024] = "virt-aa-virtiofs 1\nprofile=" PROFILE "\ndomain=vm1\n";
    char name[PATH_MAX] = "run/sockets/";

    fixture_expand(text, sizeof(text), lines);
    for (const char *at = fixture_path("s.sock"); *at; at++)
        sprintf(name + strlen(name), *at == '/' ? "%%2F" : "%c", *at);
    fixture_file(name, text, 0600);
}

/* Runs the launcher with "--fd=N|LINE", "@" for the root, and collects what it logs. */
static inline void
start_with(int fd, const char *line)
{
    const char *vhost_user[] = {NULL};
    const char *known[] = {fixture_path("bin/virtiofsd"), NULL};
    LauncherPaths paths = {
        .name = "virt-aa-virtiofsd",
        .self = "/proc/self/exe",
        .proc = "/proc",
        .records = fixture_path("run"),
        .helper = fixture_path("bin/helper"),
        .vhost_user = vhost_user,
        .known = known,
        .owner = getuid(),
        .helper_ms = RUN_HELPER_MS,
    };
    char *environment[] = {(char *)"PATH=/home/bin", (char *)"LANGUAGE=../../x",
                           (char *)"RUST_LOG=debug", (char *)"SECRET=1", NULL};
    char text[PATH_MAX + 1024] = "";
    char *rest = NULL;
    char *argv[32] = {(char *)"virt-aa-virtiofsd"};
    int argc = 1;
    int log = memfd_create("log", MFD_CLOEXEC);
    int saved = dup(STDERR_FILENO);
    int status;

    if (fd >= 0)
        sprintf(text, "--fd=%d|", fd);
    fixture_expand(text, sizeof(text), line);
    for (char *part = strtok_r(text, "|", &rest); part; part = strtok_r(NULL, "|", &rest))
        argv[argc++] = part;
    dup2(log, STDERR_FILENO);
    running = true;
    status = launcher_run(argc, argv, environment, &paths, &fake_system);
    running = false;
    dup2(saved, STDERR_FILENO);
    close(saved);
    ck_assert_int_eq(status, EXIT_FAILURE);
    ck_assert_int_eq(lseek(log, 0, SEEK_SET), 0);
    memset(log_text, 0, sizeof(log_text));
    ck_assert_int_ge(read(log, log_text, sizeof(log_text) - 1), 0);
    close(log);
}

static inline void
start(const char *line)
{
    start_with(listener, line);
}
