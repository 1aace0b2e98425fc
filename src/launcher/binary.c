/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/binary.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "basic/auto.h"
#include "basic/message.h"
#include "virtiofsd/description.h"

/* One name, in the strongest directory that has it. */
typedef struct {
    char *name;
    char *path;
} Description;

typedef struct {
    Description *items;
    size_t n;
} Descriptions;

static void
descriptions_clear(Descriptions *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i].name);
        free(list->items[i].path);
    }
    free(list->items);
}

static bool
descriptions_add(Descriptions *list, const char *directory, const char *name)
{
    Description item = {NULL, NULL};

    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true; /* a stronger directory has it */
    if (list->n == BINARY_MAX_DESCRIPTIONS) {
        errno = E2BIG;
        return false;
    }
    item.name = strdup(name);
    if (!item.name || asprintf(&item.path, "%s/%s", directory, name) < 0) {
        free(item.name);
        errno = ENOMEM;
        return false;
    }
    list->items[list->n++] = item;
    return true;
}

/* Only files count, and only files hide others: a link to /dev/null does not, for libvirt either. */
static bool
is_description(DIR *dir, const char *name)
{
    struct stat st;

    return name[0] != '.' && fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static bool
descriptions_list(Descriptions *list, const char *directory, Failure *failure)
{
    AUTO_DIR DIR *dir = opendir(directory);
    struct dirent *entry;

    if (!dir) {
        if (errno == ENOENT)
            return true;
        return failure_errno(failure, errno, NULL, _("cannot read directory %s"), directory);
    }
    while (errno = 0, (entry = readdir(dir)) != NULL)
        if (is_description(dir, entry->d_name) && !descriptions_add(list, directory, entry->d_name))
            break;
    if (errno)
        return failure_errno(failure, errno, NULL, _("cannot read directory %s"), directory);
    return true;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const Description *)a)->name, ((const Description *)b)->name);
}

/* Reads a description whole. */
static char *
read_description(const char *path, ssize_t *length)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    AUTO_FREE char *text = NULL;
    struct stat st;
    char *result;
    ssize_t n;

    *length = 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return NULL;
    if (st.st_size > DESCRIPTION_MAX_BYTES) {
        errno = EFBIG;
        return NULL;
    }
    text = malloc((size_t)st.st_size + 1);
    if (!text)
        return NULL;
    while ((n = read(fd, text + *length, (size_t)(st.st_size - *length))) > 0)
        *length += n;
    if (n < 0)
        return NULL;
    result = text;
    text = NULL;
    return result;
}

/*
 * The program that @path describes, when it is of type "fs". A file that is not JSON is an error, as
 * it is for libvirt: guessing past it might start another virtiofsd than yesterday.
 */
static bool
described_binary(const char *path, char **binary, Failure *failure)
{
    ssize_t length;
    AUTO_FREE char *text = read_description(path, &length);
    AUTO_FREE char *type = NULL;
    AUTO_FREE char *found = NULL;

    if (!text)
        return failure_errno(failure, errno, NULL, _("cannot read %s"), path);
    if (length == 0)
        return true; /* there only to hide others */
    if (!description_parse(text, (size_t)length, &type, &found))
        return failure_set(failure, _("correct it or remove it"), _("%s is malformed"), path);
    if (type && found && strcmp(type, "fs") == 0) {
        *binary = found;
        found = NULL;
    }
    return true;
}

/*
 * The launcher's own file, however the candidate is spelled. The name counts too: of two copies of the
 * launcher, each would take the other for the real one, for ever.
 */
static bool
is_self(const LauncherPaths *paths, const char *resolved, const struct stat *st)
{
    const char *base = strrchr(resolved, '/');
    struct stat self;

    if (base && strcmp(base + 1, paths->name) == 0)
        return true;
    return stat(paths->self, &self) == 0 && self.st_dev == st->st_dev && self.st_ino == st->st_ino;
}

typedef enum {
    CANDIDATE_GOOD,
    CANDIDATE_MISSING, /* no such program */
    CANDIDATE_SELF,    /* the launcher */
    CANDIDATE_BAD,     /* not to be run; the failure says why */
} Candidate;

/* A program that others than root can change would be run by root. */
static Candidate
look_at(const LauncherPaths *paths, const char *path, bool privileged, char **binary,
        Failure *failure)
{
    AUTO_FREE char *resolved = path[0] == '/' ? realpath(path, NULL) : NULL;
    struct stat st;

    if (!resolved || stat(resolved, &st) < 0 || !S_ISREG(st.st_mode))
        return CANDIDATE_MISSING;
    if (is_self(paths, resolved, &st))
        return CANDIDATE_SELF;
    if (privileged && (st.st_uid != paths->owner || (st.st_mode & 0022))) {
        failure_set(failure, _("give it back to root, writable by nobody else"),
                    _("%s can be changed by others than root"), resolved);
        return CANDIDATE_BAD;
    }
    *binary = resolved;
    resolved = NULL;
    return CANDIDATE_GOOD;
}

/* The vhost-user directories of a user's session, which libvirt reads first when it is not root. */
static char *
session_directory(void)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    char *directory = NULL;
    int n = -1;

    if (config)
        n = asprintf(&directory, "%s/qemu/vhost-user", config);
    else if (home)
        n = asprintf(&directory, "%s/.config/qemu/vhost-user", home);
    return n < 0 ? NULL : directory;
}

static bool
list_all(const LauncherPaths *paths, bool privileged, Descriptions *list, Failure *failure)
{
    AUTO_FREE char *session = privileged ? NULL : session_directory();

    list->items = calloc(BINARY_MAX_DESCRIPTIONS, sizeof(*list->items));
    if (!list->items)
        return failure_errno(failure, ENOMEM, NULL, _("cannot look for virtiofsd"));
    if (session && !descriptions_list(list, session, failure))
        return false;
    for (size_t i = 0; paths->vhost_user[i]; i++)
        if (!descriptions_list(list, paths->vhost_user[i], failure))
            return false;
    qsort(list->items, list->n, sizeof(*list->items), by_name);
    return true;
}

/* CANDIDATE_MISSING: no description names one that is there and is not the launcher. */
static Candidate
find_described(const LauncherPaths *paths, bool privileged, char **binary, Failure *failure)
{
    Descriptions list __attribute__((cleanup(descriptions_clear))) = {NULL, 0};

    if (!list_all(paths, privileged, &list, failure))
        return CANDIDATE_BAD;
    for (size_t i = 0; i < list.n; i++) {
        AUTO_FREE char *described = NULL;
        Candidate candidate = CANDIDATE_MISSING;

        if (!described_binary(list.items[i].path, &described, failure))
            return CANDIDATE_BAD;
        if (described)
            candidate = look_at(paths, described, privileged, binary, failure);
        if (candidate == CANDIDATE_GOOD || candidate == CANDIDATE_BAD)
            return candidate;
    }
    return CANDIDATE_MISSING;
}

bool
binary_find(const LauncherPaths *paths, const char *wanted, bool privileged, char **binary,
            Failure *failure)
{
    Candidate candidate = CANDIDATE_SELF;

    if (wanted)
        candidate = look_at(paths, wanted, privileged, binary, failure);
    if (candidate == CANDIDATE_MISSING)
        return failure_set(failure, _("correct the VM's <binary> or the configuration file"),
                           _("there is no program %s"), wanted);
    if (candidate == CANDIDATE_SELF)
        candidate = find_described(paths, privileged, binary, failure);
    for (size_t i = 0; candidate != CANDIDATE_GOOD && candidate != CANDIDATE_BAD; i++) {
        if (!paths->known[i])
            return failure_set(failure,
                               _("install virtiofsd, or name it in the configuration file"),
                               _("there is no virtiofsd on this host"));
        candidate = look_at(paths, paths->known[i], privileged, binary, failure);
    }
    return candidate == CANDIDATE_GOOD;
}
