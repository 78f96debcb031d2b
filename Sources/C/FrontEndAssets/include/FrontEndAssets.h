#pragma once
// The front end's page, as it stands in assets/. Each array is the file's bytes, without a terminating zero.
extern const unsigned char martlet_index_html[];
extern const unsigned long martlet_index_html_size;
extern const unsigned char martlet_app_css[];
extern const unsigned long martlet_app_css_size;
extern const unsigned char martlet_app_js[];
extern const unsigned long martlet_app_js_size;
extern const unsigned char martlet_favicon_svg[];
extern const unsigned long martlet_favicon_svg_size;
