/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What virt-aa-helper left for the virtiofsd that is about to be started: which VM a socket belongs
 * to, and what its profile and the configuration say.
 *
 * A record is a file of root's, RECORDS/sockets/ESCAPED, where ESCAPED is the socket's path with "%"
 * as "%25" and "/" as "%2F". Its lines are "virt-aa-virtiofs 1" and then "key=value", where bytes
 * below 0x20, 0x7f and "%" are written "%XX". Since everything after it trusts the record, what is
 * not exactly so is an error, and an error is never "no record".
 */

#include <stdbool.h>
#include <sys/types.h>

#include "basic/failure.h"

/* Bytes of a record: a few paths and the options of one line of configuration. */
#define RECORD_MAX_BYTES 65536

/* Options that a configuration may add: virtiofsd has about forty. */
#define RECORD_MAX_OPTIONS 128

typedef struct {
    char *profile; /* QEMU's profile name, "libvirt-UUID" */
    char *label;   /* virtiofsd's: the same with "-virtiofsd" */
    char *domain;  /* the VM's name, for people */
    char *share; /* (nullable): the directory that the XML names, resolved; NULL when hotplugged */
    bool readonly;  /* with share: the profile lets virtiofsd only read */
    char *binary;   /* (nullable): the real virtiofsd, where XML or configuration name one */
    char **options; /* more arguments for virtiofsd, NULL at the end */
    size_t n_options;
} Record;

typedef enum {
    RECORD_FOUND,
    RECORD_NONE, /* certainly none: ENOENT and nothing else */
    RECORD_BAD,
} RecordStatus;

#define AUTO_RECORD __attribute__((cleanup(record_clear)))

/**
 * record_file_name:
 * @name: (out): room for NAME_MAX + 1 bytes
 * Returns: whether the escaped path of @socket fits a file name
 */
bool record_file_name(const char *socket, char *name);

/**
 * record_read:
 * @records: the directory that has "sockets" in it
 * @owner: who must own the directories and the record
 * @record: (out): zeroed by the caller, who clears it
 */
RecordStatus
record_read(const char *records, uid_t owner, const char *socket, Record *record, Failure *failure);

/** record_parse: the text alone, @length bytes and a NUL that @length does not count. */
bool record_parse(const char *text, size_t length, Record *record, Failure *failure);

void record_clear(Record *record);
