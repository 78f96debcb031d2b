#pragma once
// GMime 3.2, as much of it as reading takes. Declared one by one: its headers bring in all of GLib's, which pkg-config
// finds with flags that the package manager refuses. Objects are pointers without a type here; what they are is said
// where they come from. GMime 3 keeps its binary interface (its library is libgmime-3.0.so.0).
#include <stddef.h>
#include <sys/types.h>

extern void g_mime_init(void);

// What a `new` or `construct` function gives is the caller's, to be let go of with g_object_unref; what a `get` function
// gives belongs to the object.
extern void g_object_unref(void *object);
extern void g_free(void *memory);

extern void *g_mime_stream_mem_new(void);
extern void *g_mime_stream_mem_new_with_buffer(const char *bytes, size_t count);
struct martlet_byte_array {
    const unsigned char *data;
    unsigned int len;
};
extern struct martlet_byte_array *g_mime_stream_mem_get_byte_array(void *stream);

extern void *g_mime_parser_new_with_stream(void *stream);
extern void *g_mime_parser_construct_message(void *parser, void *options);

extern void *g_mime_message_get_mime_part(void *message);
extern void *g_mime_object_get_header_list(void *object);
extern int g_mime_header_list_get_count(void *headers);
extern void *g_mime_header_list_get_header_at(void *headers, int index);
extern const char *g_mime_header_get_name(void *header);
extern const char *g_mime_header_get_value(void *header);
extern const char *g_mime_object_get_header(void *object, const char *name);

extern void *g_mime_object_get_content_type(void *object);
extern const char *g_mime_object_get_content_id(void *object);
extern char *g_mime_content_type_get_mime_type(void *type); // g_free
extern int g_mime_multipart_get_count(void *multipart);
extern void *g_mime_multipart_get_part(void *multipart, int index);
extern int g_mime_part_is_attachment(void *part);
extern const char *g_mime_part_get_filename(void *part);
extern void *g_mime_part_get_content(void *part);
extern char *g_mime_text_part_get_text(void *part); // g_free
extern ssize_t g_mime_data_wrapper_write_to_stream(void *content, void *stream);
extern ssize_t g_mime_object_write_to_stream(void *object, void *options, void *stream);

// The types, and whether an object is of one.
extern size_t g_mime_multipart_get_type(void);
extern size_t g_mime_part_get_type(void);
extern size_t g_mime_text_part_get_type(void);
extern size_t g_mime_message_part_get_type(void);
extern void *g_mime_message_part_get_message(void *part);
extern int g_type_check_instance_is_a(void *object, size_t type);
