/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/record.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "basic/auto.h"

#define FIRST_LINE "virt-aa-virtiofs 1\n"

static const char *
todo_restart(void)
{
    return _("start the VM again, and if that does not help look at what virt-aa-helper logged");
}

bool
record_file_name(const char *socket, char *name)
{
    size_t length = 0;

    for (; *socket; socket++) {
        const char *escape = *socket == '%' ? "%25" : *socket == '/' ? "%2F" : NULL;
        size_t bytes = escape ? 3 : 1;

        if (length + bytes > NAME_MAX)
            return false;
        memcpy(name + length, escape ? escape : socket, bytes);
        length += bytes;
    }
    name[length] = '\0';
    return length > 0;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value's bytes, or NULL when it is not written as the helper writes it. */
static char *
decode(const char *value, size_t length)
{
    char *text = malloc(length + 1);
    char *to = text;

    for (size_t i = 0; text && i < length; i++) {
        int high, low;

        if (value[i] != '%') {
            if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
                goto bad;
            *to++ = value[i];
            continue;
        }
        if (length - i < 3)
            goto bad;
        high = hex_digit(value[i + 1]);
        low = hex_digit(value[i + 2]);
        if (high < 0 || low < 0 || high + low == 0)
            goto bad;
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    if (text)
        *to = '\0';
    return text;
bad:
    free(text);
    return NULL;
}

/* "libvirt-" and a UUID as libvirt writes it. What passes becomes an AppArmor label. */
static bool
is_profile(const char *text)
{
    static const char shape[] = "libvirt-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (strlen(text) != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] != 'x' && text[i] != shape[i])
            return false;
        if (shape[i] == 'x' && !strchr("0123456789abcdef", text[i]))
            return false;
    }
    return true;
}

static bool
is_path(const char *text)
{
    return text[0] == '/' && strlen(text) < PATH_MAX;
}

/* What the lines have said so far that no field of the record says. */
typedef struct {
    Record *record;
    bool readonly_seen;
} Parser;

/* Takes @value, which it frees where it has no use for it. */
static bool
set_field(Parser *parser, const char *key, char *value)
{
    Record *record = parser->record;
    char **field = NULL;
    bool good = true;

    if (strcmp(key, "profile") == 0) {
        field = &record->profile;
        good = is_profile(value);
    } else if (strcmp(key, "domain") == 0) {
        field = &record->domain;
    } else if (strcmp(key, "share") == 0) {
        field = &record->share;
        good = is_path(value);
    } else if (strcmp(key, "binary") == 0) {
        field = &record->binary;
        good = is_path(value);
    } else if (strcmp(key, "option") == 0) {
        good = record->n_options < RECORD_MAX_OPTIONS;
        field = good ? &record->options[record->n_options++] : NULL;
    } else if (strcmp(key, "readonly") == 0) {
        good = !parser->readonly_seen && (strcmp(value, "yes") == 0 || strcmp(value, "no") == 0);
        record->readonly = strcmp(value, "yes") == 0;
        parser->readonly_seen = true;
    } else {
        good = strncmp(key, "x-", 2) == 0;
    }
    if (!good || !field || *field) {
        free(value);
        return good && !field;
    }
    *field = value;
    return true;
}

static bool
parse_line(Parser *parser, const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    char key[32];
    size_t key_length = equals ? (size_t)(equals - line) : 0;
    char *value;

    if (key_length == 0 || key_length >= sizeof(key))
        return false;
    memcpy(key, line, key_length);
    key[key_length] = '\0';
    if (strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-") != key_length)
        return false;
    value = decode(equals + 1, length - key_length - 1);
    return value && set_field(parser, key, value);
}

static bool
complete(Parser *parser)
{
    Record *record = parser->record;

    if (!record->profile || !record->domain || parser->readonly_seen != (record->share != NULL))
        return false;
    return asprintf(&record->label, "%s-virtiofsd", record->profile) > 0;
}

bool
record_parse(const char *text, size_t length, Record *record, Failure *failure)
{
    Parser parser = {.record = record};
    unsigned line = 2;

    record->options = calloc(RECORD_MAX_OPTIONS + 1, sizeof(char *));
    if (!record->options)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the record"));
    if (length < strlen(FIRST_LINE) || memcmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return failure_set(failure, todo_restart(), _("its record is not of version 1"));
    for (const char *at = text + strlen(FIRST_LINE); at < text + length; line++) {
        const char *end = memchr(at, '\n', (size_t)(text + length - at));

        if (!end || !parse_line(&parser, at, (size_t)(end - at)))
            return failure_set(failure, todo_restart(), _("line %u of its record is malformed"),
                               line);
        at = end + 1;
    }
    if (!complete(&parser))
        return failure_set(failure, todo_restart(), _("its record is incomplete"));
    return true;
}

/*
 * A directory or file that anybody but root could have put there says nothing. @file: regular, with
 * one name, mode 0600; otherwise a directory that only its owner can write to.
 */
static bool
is_trusted(const struct stat *st, uid_t owner, bool file)
{
    if (st->st_uid != owner)
        return false;
    if (!file)
        return S_ISDIR(st->st_mode) && !(st->st_mode & 0022);
    return S_ISREG(st->st_mode) && (st->st_mode & 07777) == 0600 && st->st_nlink == 1;
}

/* Opens @name and looks at it. Returns a descriptor, or -1 with errno; EPERM when it is not trusted. */
static int
open_trusted(int dir, const char *name, uid_t owner, bool file)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (file ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY);
    AUTO_FD int fd = openat(dir, name, flags);
    struct stat st;
    int opened = fd;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -1;
    if (!is_trusted(&st, owner, file)) {
        errno = EPERM;
        return -1;
    }
    if (file && st.st_size > RECORD_MAX_BYTES) {
        errno = EFBIG;
        return -1;
    }
    fd = -1;
    return opened;
}

/* Reads to the end, not trusting the size that was seen before. Returns the bytes, or -1. */
static ssize_t
read_all(int fd, char *text)
{
    size_t length = 0;

    for (;;) {
        ssize_t n = read(fd, text + length, RECORD_MAX_BYTES + 1 - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            return (ssize_t)length;
        length += (size_t)n;
        if (length > RECORD_MAX_BYTES) {
            errno = EFBIG;
            return -1;
        }
    }
}

RecordStatus
record_read(const char *records, uid_t owner, const char *socket, Record *record, Failure *failure)
{
    char name[NAME_MAX + 1];
    AUTO_FD int top = -1;
    AUTO_FD int sockets = -1;
    AUTO_FD int fd = -1;
    AUTO_FREE char *text = NULL;
    ssize_t length;

    if (!record_file_name(socket, name)) {
        failure_set(failure, _("give the VM a shorter name"),
                    _("the path of socket %s is too long"), socket);
        return RECORD_BAD;
    }
    top = open_trusted(AT_FDCWD, records, owner, false);
    if (top >= 0)
        sockets = open_trusted(top, "sockets", owner, false);
    if (sockets >= 0)
        fd = open_trusted(sockets, name, owner, true);
    if (fd < 0) {
        if (errno == ENOENT)
            return RECORD_NONE;
        failure_errno(failure, errno, todo_restart(), _("cannot open its record %s/sockets/%s"),
                      records, name);
        return RECORD_BAD;
    }
    text = malloc(RECORD_MAX_BYTES + 1);
    length = text ? read_all(fd, text) : -1;
    if (length < 0) {
        failure_errno(failure, errno, todo_restart(), _("cannot read its record %s/sockets/%s"),
                      records, name);
        return RECORD_BAD;
    }
    return record_parse(text, (size_t)length, record, failure) ? RECORD_FOUND : RECORD_BAD;
}

void
record_clear(Record *record)
{
    free(record->profile);
    free(record->label);
    free(record->domain);
    free(record->share);
    free(record->binary);
    for (size_t i = 0; i < record->n_options; i++)
        free(record->options[i]);
    free(record->options);
    memset(record, 0, sizeof(*record));
}
