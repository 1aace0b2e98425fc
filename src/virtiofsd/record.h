/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The record of a socket: what virt-aa-helper leaves for the launcher about the virtiofsd that libvirtd is
 * about to start. The launcher has nothing to find it by but the listening socket.
 *
 * RECORDS/sockets/ESCAPED, where ESCAPED is the socket's path with "%" as "%25" and "/" as "%2F"; fields
 * (virtiofsd/fields.h) after "virt-aa-virtiofs 1", in this order:
 *
 *     profile=    QEMU's profile, "libvirt-UUID"
 *     domain=     the VM's name
 *     share=      the directory of the VM's definition, resolved; without it, one is being attached
 *     readonly=   "yes" or "no", with share and only with it
 *     announcer=  "PID START": the libvirtd that announced the socket, and when it began (proc(5), stat)
 *     binary=     the real virtiofsd, where definition or configuration name one
 *     option=     an argument that the configuration adds, any number of times
 *
 * Keys that begin with "x-" are a later helper's, and mean nothing to this launcher; any other key is an
 * error, because everything after it trusts the record.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "basic/failure.h"

/* Bytes of a record: a few paths and the options of one line of configuration. */
#define RECORD_MAX_BYTES 65536

/* Arguments that a configuration may add: virtiofsd has about forty options. */
#define RECORD_MAX_OPTIONS 128

typedef struct {
    char *profile; /* QEMU's profile name, "libvirt-UUID" */
    char *label;   /* virtiofsd's; of a record that was read, never written */
    char *domain;  /* the VM's name, for people */
    char *share; /* (nullable): the directory that the XML names, resolved; NULL when hotplugged */
    bool readonly;   /* with share: the profile lets virtiofsd only read */
    char *announcer; /* (nullable): "PID START"; not known where it is missing */
    char *binary;    /* (nullable): the real virtiofsd, where XML or configuration name one */
    char **options;  /* (nullable): more arguments for virtiofsd, NULL at the end */
} Record;

#define AUTO_RECORD __attribute__((cleanup(record_clear)))

/**
 * record_file_name:
 * @socket: the socket's path
 * @name: (out): room for NAME_MAX + 1 bytes
 * Returns: whether there is a path, and its escaped form fits a file name
 */
bool record_file_name(const char *socket, char *name);

/**
 * record_format:
 * @record: only looked at; strings may be borrowed
 * @length: (out) (optional): bytes of the text
 * Returns: (transfer full): the record's text, for free() or g_free(); NULL for what record_parse() would
 *   not take
 */
char *record_format(const Record *record, size_t *length, Failure *failure);

/**
 * record_parse:
 * @text: @length bytes, of any kind
 * @record: (out): zeroed by the caller, who clears it, also after a failure
 */
bool record_parse(const char *text, size_t length, Record *record, Failure *failure);

/**
 * record_announcer:
 * @pid, @start: (out): who announced the socket, and when that process began
 * Returns: whether the record says so
 */
bool record_announcer(const Record *record, uint64_t *pid, uint64_t *start);

/** record_clear: frees what record_parse() has made. */
void record_clear(Record *record);
