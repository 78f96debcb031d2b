#pragma once
// The disk itself: files, names, and what of them is durable. Knows nothing of SQLite's calls; whoever calls holds the
// lock.
#include "PowerCutVFS.h"

#include <pthread.h>
#include <sqlite3.h>

enum { shm_slots = SQLITE_SHM_NLOCK, sector_size = 512, name_limit = 512 };

typedef struct {
    unsigned char *bytes;
    size_t size, capacity;
} content;

/// A change of a file that is not synced yet.
typedef struct {
    bool is_truncation;
    size_t offset; // a truncation's new size
    size_t count;
    unsigned char *bytes;
} file_change;

/// What a name refers to. Lives as long as its disk: a deleted file may be open, or come back with a power cut.
typedef struct disk_file {
    struct disk_file *next;
    content durable, current;
    file_change *changes;
    size_t change_count, change_capacity;

    // Between connections, gone with the power.
    int shared_locks;
    const void *reserved, *pending, *exclusive; // who holds it
    void **shm_regions;
    int shm_region_count, shm_users;
    int shm_shared[shm_slots];
    const void *shm_exclusive[shm_slots];
} disk_file;

typedef struct {
    char name[name_limit];
    disk_file *file; // of a change: NULL when the name was deleted
} disk_name;

typedef struct {
    disk_name *names;
    size_t count, capacity;
} name_list;

struct powercut_disk {
    pthread_mutex_t lock;
    int references; // the owner's and one for every open file
    sqlite3_vfs vfs;
    char vfs_name[32];

    disk_file *files;
    name_list durable, current, changes;

    uint64_t steps, cut_at;
    bool is_off;
    char last_step[name_limit + 128];
    bool lies;
    char lie_suffix[name_limit];
};

void *disk_allocate(size_t count);

disk_file *disk_find(powercut_disk *disk, const char *name);
disk_file *disk_new_file(powercut_disk *disk);

// Changes. Each returns false when the power was off, or went with it.
bool disk_create_name(powercut_disk *disk, const char *name, disk_file *file);
bool disk_delete_name(powercut_disk *disk, const char *name);
bool disk_sync_folder(powercut_disk *disk);
bool disk_write(powercut_disk *disk, disk_file *file, const char *name, size_t offset, const void *bytes, size_t count);
bool disk_truncate(powercut_disk *disk, disk_file *file, const char *name, size_t size);
bool disk_sync(powercut_disk *disk, disk_file *file, const char *name);

/// For files without a name, of which nothing survives.
void content_write(content *content, size_t offset, const void *bytes, size_t count);
void content_truncate(content *content, size_t size);

/// With the last reference the memory goes. Called without the lock.
void disk_release(powercut_disk *disk);

/// The calls that SQLite makes.
void vfs_prepare(powercut_disk *disk);
