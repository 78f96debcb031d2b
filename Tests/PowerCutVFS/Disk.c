#include "Disk.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct powercut_image {
    size_t count;
    disk_name *names; // files hold their durable content alone
    disk_file *files;
};

// A test without memory has no other way to fail.
static void *checked(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

void *disk_allocate(size_t count) { return checked(calloc(1, count > 0 ? count : 1)); }

/// Makes room for one more element; capacities grow by half.
static void *grown(void *elements, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return elements;
    *capacity = *capacity + *capacity / 2 + 8;
    return checked(realloc(elements, *capacity * size));
}

// MARK: Bytes

static void content_reserve(content *content, size_t size) {
    if (size <= content->capacity) return;
    size_t capacity = content->capacity + content->capacity / 2;
    content->capacity = capacity < size ? size : capacity;
    content->bytes = checked(realloc(content->bytes, content->capacity));
}

void content_truncate(content *content, size_t size) {
    content_reserve(content, size);
    if (size > content->size) memset(content->bytes + content->size, 0, size - content->size);
    content->size = size;
}

void content_write(content *content, size_t offset, const void *bytes, size_t count) {
    if (count == 0) return;
    if (offset + count > content->size) content_truncate(content, offset + count);
    memcpy(content->bytes + offset, bytes, count);
}

static content content_copy(const content *original) {
    content copy = {0};
    if (original->size > 0) content_write(&copy, 0, original->bytes, original->size);
    return copy;
}

// MARK: Names

static disk_name *names_find(const name_list *list, const char *name) {
    for (size_t index = 0; index < list->count; index++) {
        if (strcmp(list->names[index].name, name) == 0) return &list->names[index];
    }
    return NULL;
}

static void names_append(name_list *list, const char *name, disk_file *file) {
    list->names = grown(list->names, list->count, &list->capacity, sizeof(disk_name));
    disk_name *entry = &list->names[list->count++];
    snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->file = file;
}

/// A NULL file deletes the name.
static void names_set(name_list *list, const char *name, disk_file *file) {
    disk_name *entry = names_find(list, name);
    if (entry == NULL) {
        if (file != NULL) names_append(list, name, file);
    } else if (file != NULL) {
        entry->file = file;
    } else {
        *entry = list->names[--list->count];
    }
}

static name_list names_copy(const name_list *original) {
    name_list copy = {0};
    for (size_t index = 0; index < original->count; index++) {
        names_append(&copy, original->names[index].name, original->names[index].file);
    }
    return copy;
}

// MARK: The disk

static atomic_ullong disk_count;

powercut_disk *powercut_disk_create(const powercut_image *start) {
    powercut_disk *disk = disk_allocate(sizeof *disk);
    pthread_mutex_init(&disk->lock, NULL);
    disk->references = 1;
    for (size_t index = 0; start != NULL && index < start->count; index++) {
        disk_file *file = disk_new_file(disk);
        file->durable = content_copy(&start->names[index].file->durable);
        file->current = content_copy(&file->durable);
        names_append(&disk->durable, start->names[index].name, file);
        names_append(&disk->current, start->names[index].name, file);
    }
    snprintf(disk->vfs_name, sizeof disk->vfs_name, "powercut-%llu", atomic_fetch_add(&disk_count, 1) + 1);
    snprintf(disk->last_step, sizeof disk->last_step, "nothing");
    vfs_prepare(disk);
    if (sqlite3_vfs_register(&disk->vfs, 0) != SQLITE_OK) abort();
    return disk;
}

void powercut_disk_release(powercut_disk *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    disk_release(disk);
}

static void files_free(disk_file *file) {
    while (file != NULL) {
        disk_file *next = file->next;
        for (size_t index = 0; index < file->change_count; index++) free(file->changes[index].bytes);
        for (int region = 0; region < file->shm_region_count; region++) free(file->shm_regions[region]);
        free(file->shm_regions);
        free(file->changes);
        free(file->durable.bytes);
        free(file->current.bytes);
        free(file);
        file = next;
    }
}

void disk_release(powercut_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    bool was_last = --disk->references == 0;
    pthread_mutex_unlock(&disk->lock);
    if (!was_last) return;
    files_free(disk->files);
    free(disk->durable.names);
    free(disk->current.names);
    free(disk->changes.names);
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

disk_file *disk_find(powercut_disk *disk, const char *name) {
    disk_name *entry = names_find(&disk->current, name);
    return entry == NULL ? NULL : entry->file;
}

disk_file *disk_new_file(powercut_disk *disk) {
    disk_file *file = disk_allocate(sizeof *file);
    file->next = disk->files;
    disk->files = file;
    return file;
}

// MARK: Changes

/// Counts a change that has been noted already, so that the one the power goes with may have happened.
static bool step(powercut_disk *disk, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(disk->last_step, sizeof disk->last_step, format, arguments);
    va_end(arguments);
    disk->steps++;
    if (disk->cut_at != 0 && disk->steps >= disk->cut_at) disk->is_off = true;
    return !disk->is_off;
}

static bool lies_about(powercut_disk *disk, const char *name) {
    if (!disk->lies) return false;
    size_t length = strlen(name), suffix = strlen(disk->lie_suffix);
    return suffix <= length && strcmp(name + length - suffix, disk->lie_suffix) == 0;
}

bool disk_create_name(powercut_disk *disk, const char *name, disk_file *file) {
    if (disk->is_off) return false;
    names_set(&disk->current, name, file);
    names_append(&disk->changes, name, file);
    return step(disk, "creation of %s", name);
}

bool disk_delete_name(powercut_disk *disk, const char *name) {
    if (disk->is_off) return false;
    names_set(&disk->current, name, NULL);
    names_append(&disk->changes, name, NULL);
    return step(disk, "deletion of %s", name);
}

bool disk_sync_folder(powercut_disk *disk) {
    if (disk->is_off || !step(disk, "sync of the folder")) return false;
    if (lies_about(disk, "")) return true;
    free(disk->durable.names);
    disk->durable = names_copy(&disk->current);
    disk->changes.count = 0;
    return true;
}

static file_change *new_change(disk_file *file) {
    file->changes = grown(file->changes, file->change_count, &file->change_capacity, sizeof(file_change));
    return &file->changes[file->change_count++];
}

bool disk_write(
    powercut_disk *disk, disk_file *file, const char *name, size_t offset, const void *bytes, size_t count
) {
    if (disk->is_off) return false;
    content_write(&file->current, offset, bytes, count);
    unsigned char *copy = disk_allocate(count);
    memcpy(copy, bytes, count);
    *new_change(file) = (file_change){.offset = offset, .count = count, .bytes = copy};
    return step(disk, "write of %zu bytes at %zu of %s", count, offset, name);
}

bool disk_truncate(powercut_disk *disk, disk_file *file, const char *name, size_t size) {
    if (disk->is_off) return false;
    content_truncate(&file->current, size);
    *new_change(file) = (file_change){.is_truncation = true, .offset = size};
    return step(disk, "truncation of %s to %zu bytes", name, size);
}

bool disk_sync(powercut_disk *disk, disk_file *file, const char *name) {
    if (disk->is_off || !step(disk, "sync of %s", name)) return false;
    if (lies_about(disk, name)) return true;
    for (size_t index = 0; index < file->change_count; index++) {
        file_change *change = &file->changes[index];
        if (change->is_truncation) {
            content_truncate(&file->durable, change->offset);
        } else {
            content_write(&file->durable, change->offset, change->bytes, change->count);
        }
        free(change->bytes);
    }
    file->change_count = 0;
    return true;
}

// MARK: What the owner asks

const char *powercut_disk_vfs(const powercut_disk *disk) { return disk->vfs_name; }

void powercut_disk_cut_at(powercut_disk *disk, uint64_t step) {
    pthread_mutex_lock(&disk->lock);
    disk->cut_at = step;
    pthread_mutex_unlock(&disk->lock);
}

void powercut_disk_cut(powercut_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    disk->is_off = true;
    pthread_mutex_unlock(&disk->lock);
}

bool powercut_disk_is_off(powercut_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    bool is_off = disk->is_off;
    pthread_mutex_unlock(&disk->lock);
    return is_off;
}

uint64_t powercut_disk_steps(powercut_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    uint64_t steps = disk->steps;
    pthread_mutex_unlock(&disk->lock);
    return steps;
}

size_t powercut_disk_last_step(powercut_disk *disk, char *text, size_t size) {
    pthread_mutex_lock(&disk->lock);
    int count = snprintf(text, size, "%s", disk->last_step);
    pthread_mutex_unlock(&disk->lock);
    return count < 0 ? 0 : (size_t)count;
}

void powercut_disk_lie(powercut_disk *disk, const char *suffix) {
    pthread_mutex_lock(&disk->lock);
    disk->lies = true;
    snprintf(disk->lie_suffix, sizeof disk->lie_suffix, "%s", suffix);
    pthread_mutex_unlock(&disk->lock);
}

const char *powercut_disk_name(powercut_disk *disk, size_t index) {
    pthread_mutex_lock(&disk->lock);
    const char *name = index < disk->current.count ? disk->current.names[index].name : NULL;
    pthread_mutex_unlock(&disk->lock);
    return name;
}

// MARK: Images

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and the same everywhere.
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static bool chance(uint64_t *state, unsigned of256) { return (next_random(state) & 255) < of256; }

/// Applied in their order: a sector that is older than the last write to it is one whose later writes were lost.
static content torn(const disk_file *file, uint64_t *state) {
    static const unsigned likelihoods[] = {16, 128, 240};
    // Each file has its own, so that a log may be nearly whole while the database is nearly as it was.
    unsigned likelihood = likelihoods[next_random(state) % 3];
    content result = content_copy(&file->durable);
    for (size_t index = 0; index < file->change_count; index++) {
        const file_change *change = &file->changes[index];
        if (change->is_truncation) {
            if (chance(state, likelihood)) content_truncate(&result, change->offset);
            continue;
        }
        size_t start = 0;
        while (start < change->count) {
            size_t offset = change->offset + start;
            size_t count = sector_size - offset % sector_size;
            if (count > change->count - start) count = change->count - start;
            if (chance(state, likelihood)) content_write(&result, offset, change->bytes + start, count);
            start += count;
        }
    }
    return result;
}

powercut_image *powercut_disk_image(powercut_disk *disk, powercut_fate fate, uint64_t seed) {
    uint64_t state = seed;
    powercut_image *image = disk_allocate(sizeof *image);
    pthread_mutex_lock(&disk->lock);
    name_list names = names_copy(&disk->durable);
    for (size_t index = 0; index < disk->changes.count; index++) {
        const disk_name *change = &disk->changes.names[index];
        bool is_kept = fate == powercut_kept || (fate == powercut_torn && chance(&state, 128));
        if (is_kept) names_set(&names, change->name, change->file);
    }
    for (size_t index = 0; index < names.count; index++) {
        const disk_file *original = names.names[index].file;
        disk_file *file = disk_allocate(sizeof *file);
        switch (fate) {
        case powercut_dropped: file->durable = content_copy(&original->durable); break;
        case powercut_kept: file->durable = content_copy(&original->current); break;
        case powercut_torn: file->durable = torn(original, &state); break;
        }
        file->next = image->files;
        image->files = file;
        names.names[index].file = file;
    }
    pthread_mutex_unlock(&disk->lock);
    image->count = names.count;
    image->names = names.names;
    return image;
}

void powercut_image_free(powercut_image *image) {
    files_free(image->files);
    free(image->names);
    free(image);
}
