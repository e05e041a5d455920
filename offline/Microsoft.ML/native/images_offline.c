/*
 * JPEG and PNG for the offline stack's MLImage: a thin layer over libjpeg-turbo and libpng.
 *
 * Rules that every function keeps: it reads only the memory that it is given, writes only the buffers that it is given,
 * holds no state between calls (so any number of threads may call it), prints nothing, and returns a code instead of ending
 * the process. `message` receives one line that says what was wrong; it may be NULL.
 *
 * Pixels are 4 bytes each, rows without padding. Colour with alpha is premultiplied, as image libraries for drawing keep it.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <png.h>

enum { IMAGE_OK = 0, IMAGE_BROKEN = 1, IMAGE_UNKNOWN_FORMAT = 2, IMAGE_BAD_ARGUMENT = 3, IMAGE_NO_MEMORY = 4 };
enum { FORMAT_JPEG = 1, FORMAT_PNG = 2 };
enum { ORDER_BGRA = 0, ORDER_RGBA = 1 };

/* Bounds the work that a small hostile file can cause: each scan of a progressive file visits the whole image. Real files have about ten. */
#define MIN_JPEG_SCANS 32
#define MAX_JPEG_SCANS 500
#define MAX_JPEG_SCANNED_PIXELS 2e9
/* Bounds the memory of a PNG's text, profile and other side chunks. */
#define MAX_PNG_CHUNK_BYTES (8u << 20)
#define MAX_PNG_CHUNKS 1000

static void say(char *message, size_t capacity, const char *text)
{
    if (message == NULL || capacity == 0) return;
    snprintf(message, capacity, "%s", text);
}

static int format_of(const uint8_t *data, size_t size)
{
    static const uint8_t png[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    if (size >= 8 && memcmp(data, png, 8) == 0) return FORMAT_PNG;
    if (size >= 3 && data[0] == 0xff && data[1] == 0xd8 && data[2] == 0xff) return FORMAT_JPEG;
    return 0;
}

/* ---------------------------------------------------------------- JPEG */

typedef struct {
    struct jpeg_error_mgr base; /* first, so that a pointer to it is a pointer to this */
    jmp_buf escape;
    char text[JMSG_LENGTH_MAX];
} jpeg_errors;

typedef struct {
    struct jpeg_progress_mgr base;
    int max_scans;
} jpeg_progress;

static void jpeg_fail(j_common_ptr info)
{
    jpeg_errors *errors = (jpeg_errors *)info->err;
    errors->base.format_message(info, errors->text);
    longjmp(errors->escape, 1);
}

static void jpeg_silent_output(j_common_ptr info) { (void)info; }
static void jpeg_silent_emit(j_common_ptr info, int level)
{
    if (level < 0) info->err->num_warnings++; /* damaged data is decoded as far as it goes */
}

static struct jpeg_error_mgr *jpeg_errors_init(jpeg_errors *errors)
{
    memset(errors, 0, sizeof *errors);
    jpeg_std_error(&errors->base);
    errors->base.error_exit = jpeg_fail;
    errors->base.output_message = jpeg_silent_output;
    errors->base.emit_message = jpeg_silent_emit;
    return &errors->base;
}

static void jpeg_watch_scans(j_common_ptr info)
{
    jpeg_progress *progress = (jpeg_progress *)info->progress;
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > progress->max_scans) {
        jpeg_errors *errors = (jpeg_errors *)info->err;
        snprintf(errors->text, sizeof errors->text, "more than %d scans", progress->max_scans);
        longjmp(errors->escape, 1);
    }
}

static int jpeg_size(const uint8_t *data, size_t size, int *width, int *height, char *message, size_t capacity)
{
    struct jpeg_decompress_struct info;
    jpeg_errors errors;
    memset(&info, 0, sizeof info);
    info.err = jpeg_errors_init(&errors);
    if (setjmp(errors.escape)) {
        say(message, capacity, errors.text);
        jpeg_destroy_decompress(&info);
        return IMAGE_BROKEN;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, (unsigned long)size);
    jpeg_read_header(&info, TRUE);
    *width = (int)info.image_width;
    *height = (int)info.image_height;
    jpeg_destroy_decompress(&info);
    return IMAGE_OK;
}

/* a * b / 255, rounded */
static inline unsigned mul_div_255(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return ((t >> 8) + t) >> 8;
}

/* CMYK as JPEG files hold it, inverted; in place. */
static void cmyk_to_bgra(uint8_t *row, int width)
{
    for (int x = 0; x < width; x++, row += 4) {
        unsigned k = row[3];
        unsigned r = k - mul_div_255(255u - row[0], k);
        unsigned g = k - mul_div_255(255u - row[1], k);
        unsigned b = k - mul_div_255(255u - row[2], k);
        row[0] = (uint8_t)b;
        row[1] = (uint8_t)g;
        row[2] = (uint8_t)r;
        row[3] = 255;
    }
}

static int jpeg_decode(const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message, size_t capacity)
{
    struct jpeg_decompress_struct info;
    jpeg_errors errors;
    jpeg_progress progress;
    memset(&info, 0, sizeof info);
    memset(&progress, 0, sizeof progress);
    info.err = jpeg_errors_init(&errors);
    if (setjmp(errors.escape)) {
        say(message, capacity, errors.text);
        jpeg_destroy_decompress(&info);
        return IMAGE_BROKEN;
    }
    jpeg_create_decompress(&info);
    progress.base.progress_monitor = jpeg_watch_scans;
    double scans = MAX_JPEG_SCANNED_PIXELS / ((double)width * height);
    progress.max_scans = scans < MIN_JPEG_SCANS ? MIN_JPEG_SCANS : scans > MAX_JPEG_SCANS ? MAX_JPEG_SCANS : (int)scans;
    info.progress = &progress.base;
    jpeg_mem_src(&info, data, (unsigned long)size);
    jpeg_read_header(&info, TRUE);
    int cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    /* The accurate integer DCT and smooth chroma upsampling are the library's defaults; said here because results depend on them. */
    info.dct_method = JDCT_ISLOW;
    info.do_fancy_upsampling = TRUE;
    info.out_color_space = cmyk ? JCS_CMYK : JCS_EXT_BGRA; /* BGRA sets alpha to 255 */
    jpeg_start_decompress(&info);
    if ((int)info.output_width != width || (int)info.output_height != height || info.output_components != 4) {
        say(message, capacity, "the size differs from the header's");
        jpeg_destroy_decompress(&info);
        return IMAGE_BROKEN;
    }
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels + (size_t)info.output_scanline * (size_t)width * 4;
        if (jpeg_read_scanlines(&info, &row, 1) != 1) { /* cannot happen with a source that never suspends; no old memory is shown if it does */
            memset(row, 0, (size_t)(info.output_height - info.output_scanline) * (size_t)width * 4);
            break;
        }
        if (cmyk) cmyk_to_bgra(row, width);
    }
    jpeg_destroy_decompress(&info); /* not jpeg_finish_decompress: bytes behind the last row do not matter */
    return IMAGE_OK;
}

/* ---------------------------------------------------------------- PNG */

typedef struct {
    const uint8_t *data;
    size_t size, position;
    int ended; /* the reader asked for more than there is */
    jmp_buf escape;
    char text[200];
} png_state;

static void png_fail(png_structp png, png_const_charp text)
{
    png_state *state = (png_state *)png_get_error_ptr(png);
    snprintf(state->text, sizeof state->text, "%s", text);
    longjmp(state->escape, 1);
}

static void png_silent(png_structp png, png_const_charp text) { (void)png; (void)text; }

static void png_take(png_structp png, png_bytep out, size_t count)
{
    png_state *state = (png_state *)png_get_io_ptr(png);
    if (count > state->size - state->position) {
        state->ended = 1;
        png_error(png, "the file ends early");
    }
    memcpy(out, state->data + state->position, count);
    state->position += count;
}

static uint32_t big_endian_32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int png_size(const uint8_t *data, size_t size, int *width, int *height, char *message, size_t capacity)
{
    if (size < 33 || big_endian_32(data + 8) != 13 || memcmp(data + 12, "IHDR", 4) != 0) {
        say(message, capacity, "the header is incomplete");
        return IMAGE_BROKEN;
    }
    uint32_t w = big_endian_32(data + 16), h = big_endian_32(data + 20);
    if (w == 0 || h == 0 || w > INT32_MAX || h > INT32_MAX) {
        say(message, capacity, "the size in the header is out of range");
        return IMAGE_BROKEN;
    }
    *width = (int)w;
    *height = (int)h;
    return IMAGE_OK;
}

static void premultiply(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++, pixels += 4) {
        unsigned a = pixels[3];
        if (a == 255) continue;
        pixels[0] = (uint8_t)mul_div_255(pixels[0], a);
        pixels[1] = (uint8_t)mul_div_255(pixels[1], a);
        pixels[2] = (uint8_t)mul_div_255(pixels[2], a);
    }
}

static int png_rows(const uint8_t *data, size_t size, uint8_t *const pixels, const int width, const int height, char *message, size_t capacity)
{
    png_state state;
    memset(&state, 0, sizeof state);
    state.data = data;
    state.size = size;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, png_fail, png_silent);
    if (png == NULL) { say(message, capacity, "libpng does not start"); return IMAGE_NO_MEMORY; }
    png_infop volatile info = NULL;
    volatile int rows_begun = 0;
    if (setjmp(state.escape)) {
        png_infop p = info;
        png_destroy_read_struct(&png, &p, NULL);
        if (state.ended && rows_begun) return IMAGE_OK; /* a file that was cut off shows what it holds, as a JPEG does */
        say(message, capacity, state.text);
        return IMAGE_BROKEN;
    }
    info = png_create_info_struct(png);
    if (info == NULL) png_error(png, "out of memory");
    png_set_read_fn(png, &state, png_take);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(png, MAX_PNG_CHUNK_BYTES);
    png_set_chunk_cache_max(png, MAX_PNG_CHUNKS);
    png_read_info(png, info);
    int type = png_get_color_type(png, info);
    int transparent = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
    png_set_expand(png);    /* palette to colour, 1, 2 and 4 bits to 8, tRNS to alpha */
    png_set_scale_16(png);  /* 16 bits to 8, rounded */
    if ((type & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
    if ((type & PNG_COLOR_MASK_ALPHA) == 0 && !transparent) png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
    png_set_bgr(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_image_width(png, info) != (png_uint_32)width || png_get_image_height(png, info) != (png_uint_32)height
        || png_get_rowbytes(png, info) != (size_t)width * 4)
        png_error(png, "the size differs from the header's");
    memset(pixels, 0, (size_t)width * (size_t)height * 4);
    rows_begun = 1;
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_read_row(png, pixels + (size_t)y * (size_t)width * 4, NULL);
    png_infop p = info;
    png_destroy_read_struct(&png, &p, NULL); /* what follows the pixels (text, times) is not read */
    return IMAGE_OK;
}

static int png_decode(const uint8_t *data, size_t size, uint8_t *pixels, int width, int height, char *message, size_t capacity)
{
    int code = png_rows(data, size, pixels, width, height, message, capacity);
    if (code == IMAGE_OK) premultiply(pixels, (size_t)width * (size_t)height);
    return code;
}

/* ---------------------------------------------------------------- reading */

/* Format and size from the header alone, so that a caller can refuse a size before anything is allocated for it. */
int image_info(const uint8_t *data, size_t size, int *format, int *width, int *height, char *message, size_t capacity)
{
    if (data == NULL || format == NULL || width == NULL || height == NULL) return IMAGE_BAD_ARGUMENT;
    *width = *height = 0;
    *format = format_of(data, size);
    if (*format == FORMAT_JPEG) return jpeg_size(data, size, width, height, message, capacity);
    if (*format == FORMAT_PNG) return png_size(data, size, width, height, message, capacity);
    say(message, capacity, "neither a JPEG nor a PNG");
    return IMAGE_UNKNOWN_FORMAT;
}

/* Decodes to BGRA; width and height are those that image_info gave, `pixels` has room for width * height * 4 bytes. */
int image_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t room, int width, int height, char *message, size_t capacity)
{
    if (data == NULL || pixels == NULL || width <= 0 || height <= 0 || room / 4 / (size_t)width < (size_t)height) return IMAGE_BAD_ARGUMENT;
    switch (format_of(data, size)) {
    case FORMAT_JPEG: return jpeg_decode(data, size, pixels, width, height, message, capacity);
    case FORMAT_PNG: return png_decode(data, size, pixels, width, height, message, capacity);
    default:
        say(message, capacity, "neither a JPEG nor a PNG");
        return IMAGE_UNKNOWN_FORMAT;
    }
}

/* ---------------------------------------------------------------- writing */

typedef struct {
    uint8_t *data;
    size_t size, capacity;
    uint8_t *row;
    jmp_buf escape;
    char text[200];
} png_sink;

static void png_sink_fail(png_structp png, png_const_charp text)
{
    png_sink *sink = (png_sink *)png_get_error_ptr(png);
    snprintf(sink->text, sizeof sink->text, "%s", text);
    longjmp(sink->escape, 1);
}

static void png_give(png_structp png, png_bytep bytes, size_t count)
{
    png_sink *sink = (png_sink *)png_get_io_ptr(png);
    if (count > sink->capacity - sink->size) {
        size_t wanted = sink->capacity * 2 > sink->size + count ? sink->capacity * 2 : sink->size + count;
        uint8_t *larger = (uint8_t *)realloc(sink->data, wanted);
        if (larger == NULL) png_error(png, "out of memory");
        sink->data = larger;
        sink->capacity = wanted;
    }
    memcpy(sink->data + sink->size, bytes, count);
    sink->size += count;
}

static void png_flush_nothing(png_structp png) { (void)png; }

static void straight_rgba(const uint8_t *from, uint8_t *to, int width, int order)
{
    for (int x = 0; x < width; x++, from += 4, to += 4) {
        unsigned a = from[3];
        for (int c = 0; c < 3; c++) {
            unsigned v = from[order == ORDER_BGRA ? 2 - c : c];
            if (a != 255) v = a == 0 ? 0 : (v * 255 + a / 2) / a;
            to[c] = (uint8_t)(v > 255 ? 255 : v);
        }
        to[3] = (uint8_t)a;
    }
}

/* `out` receives a buffer that image_free releases. */
int image_encode_png(const uint8_t *pixels, int width, int height, int order, uint8_t **out, size_t *out_size, char *message, size_t capacity)
{
    if (pixels == NULL || width <= 0 || height <= 0 || out == NULL || out_size == NULL) return IMAGE_BAD_ARGUMENT;
    png_sink sink;
    memset(&sink, 0, sizeof sink);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, png_sink_fail, png_silent);
    if (png == NULL) { say(message, capacity, "libpng does not start"); return IMAGE_NO_MEMORY; }
    png_infop volatile info = NULL;
    if (setjmp(sink.escape)) {
        png_infop p = info;
        png_destroy_write_struct(&png, &p);
        free(sink.row);
        free(sink.data);
        say(message, capacity, sink.text);
        return IMAGE_BROKEN;
    }
    info = png_create_info_struct(png);
    sink.row = (uint8_t *)malloc((size_t)width * 4);
    if (info == NULL || sink.row == NULL) png_error(png, "out of memory");
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_write_fn(png, &sink, png_give, png_flush_nothing);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++) {
        straight_rgba(pixels + (size_t)y * (size_t)width * 4, sink.row, width, order);
        png_write_row(png, sink.row);
    }
    png_write_end(png, info);
    png_infop p = info;
    png_destroy_write_struct(&png, &p);
    free(sink.row);
    *out = sink.data;
    *out_size = sink.size;
    return IMAGE_OK;
}

/* `out` receives a buffer that image_free releases. Transparency is lost: what is seen through is black. */
int image_encode_jpeg(const uint8_t *pixels, int width, int height, int order, int quality, uint8_t **out, size_t *out_size,
    char *message, size_t capacity)
{
    if (pixels == NULL || width <= 0 || height <= 0 || out == NULL || out_size == NULL) return IMAGE_BAD_ARGUMENT;
    struct jpeg_compress_struct info;
    jpeg_errors errors;
    struct { unsigned char *data; unsigned long size; } volatile sink = { NULL, 0 };
    memset(&info, 0, sizeof info);
    info.err = jpeg_errors_init(&errors);
    if (setjmp(errors.escape)) {
        say(message, capacity, errors.text);
        jpeg_destroy_compress(&info);
        free(sink.data);
        return IMAGE_BROKEN;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, (unsigned char **)&sink.data, (unsigned long *)&sink.size);
    info.image_width = (JDIMENSION)width;
    info.image_height = (JDIMENSION)height;
    info.input_components = 4;
    info.in_color_space = order == ORDER_BGRA ? JCS_EXT_BGRX : JCS_EXT_RGBX;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * (size_t)width * 4);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    *out = sink.data;
    *out_size = (size_t)sink.size;
    return IMAGE_OK;
}

void image_free(void *buffer) { free(buffer); }
