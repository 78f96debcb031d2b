#pragma once
extern const unsigned char martlet_index_html[];
extern const unsigned long martlet_index_html_size;
