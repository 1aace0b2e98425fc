/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What pointers of the calls point to: pages that the thread itself maps for
 * the time being, so that nothing of its own is touched.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { SIZE = 256 * 1024, ALIGNMENT = 16 };

static unsigned char bytes[SIZE];
static uint64_t there;
static size_t used;

bool
memory_open(void)
{
    const struct call map = {
        SYS_mmap, {0, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0}};
    long result = -1;

    if (thread_call(&map, &result) != CALL_RETURNED || (result < 0 && result > -4096)) {
        fprintf(stderr, "inject: the thread cannot map memory: %ld\n", result);
        return false;
    }
    there = (uint64_t)result;
    return true;
}

void
memory_close(void)
{
    const struct call unmap = {SYS_munmap, {there, SIZE}};
    long result;

    (void)thread_call(&unmap, &result);
}

uint64_t
memory_add(size_t size)
{
    size_t at = used;

    if (size > SIZE - used)
        return 0;
    used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (used > SIZE)
        used = SIZE;
    return there + at;
}

unsigned char *
memory_at(uint64_t address, size_t size)
{
    if (address < there || address - there > used || size > used - (address - there))
        return NULL;
    return bytes + (address - there);
}

bool
memory_push(void)
{
    return used == 0 || thread_write(there, bytes, used);
}

bool
memory_pull(void)
{
    return used == 0 || thread_read(there, bytes, used);
}
