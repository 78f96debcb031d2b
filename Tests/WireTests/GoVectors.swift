/// What Go 1.19.8 makes of documents, some of them well formed: one line with the document, one with the outcome. Made
/// by a random generator whose documents Go's `json.Decoder` read into the struct that `GoTests` has as a message; the
/// outcome is `err` and the error, or `ok` and the value as `json.Marshal` writes it. In the documents, what is not
/// printable ASCII stands as `%XX`.
let goVectors = #"""

    err EOF
    %0A
    err EOF
    {}  1
    err body must have only a single json value
    {}%0A%09 1
    err body must have only a single json value
    {%0A%09"zz"%0A%09:fa lse%0A%09}x
    err invalid character ' ' in literal false (expecting 'l')
    {"b":fals"e }
    err invalid character '"' in literal false (expecting 'e')
    %0A%09{"any"%0A%09:%091e,"%E2%84%AAs"%0D : -1}
    err invalid character ',' in exponent of numeric literal
    {%0D "I8":%0A%091e,%0A%09"%E2%84%AAs":""
    err invalid character ',' in exponent of numeric literal
     {"":%0D nul.l%0A%09}
    err invalid character '.' in literal null (expecting 'l')
    %0D {"b" :tru.e,%0D "b":%0D tru'e%0D%20
    err invalid character '.' in literal true (expecting 'e')
    %0A%09{ "s":{"f":%0A%09.5}}
    err invalid character '.' looking for beginning of value
    fal0se
    err invalid character '0' in literal false (expecting 's')
    "a%FF\0903c"
    err invalid character '0' in string escape code
    {%0A%09"inners"1: [{"x":%0D 1.0}]}
    err invalid character '1' after object key
    n7%FFl6l
    err invalid character '7' in literal null (expecting 'u')
    nu8l%B6%E7%20
    err invalid character '8' in literal null (expecting 'l')
    %0A%09[ "ks":\udc00x"}%0A%09
    err invalid character ':' after array element
    {"\uX069\u0038%1B%0A%09:1e+20%0A%09
    err invalid character 'X' in \u hexadecimal character escape
    %0D {%0A%09"any" :%0D [fals\e]%0D }
    err invalid character '\\' in literal false (expecting 'e')
    t%0A%09{}
    err invalid character '\n' in literal true (expecting 'r')
    %0D { "u":%0A%091.%0D }
    err invalid character '\r' after decimal point in numeric literal
    -%0D {}
    err invalid character '\r' in numeric literal
    {"}%0D%20
    err invalid character '\r' in string literal
     {"f32:%0D 3.402825e+38%0A%09}
    err invalid character '\r' in string literal
    %0D "\ue94%82%AC"%20
    err invalid character '\u0082' in \u hexadecimal character escape
    f%1Else
    err invalid character '\x1e' in literal false (expecting 'a')
    %0D] nul%F6
    err invalid character ']' looking for beginning of value
     "\d83d\ue0u0%FF\b\f"
    err invalid character 'd' in string escape code
    tre%20
    err invalid character 'e' in literal true (expecting 'u')
     {%0A"KS}":%0A%09tre }%0A%09
    err invalid character 'e' in literal true (expecting 'u')
    {"u"%0D :-900719925f4740992%0A%09}
    err invalid character 'f' after object key:value pair
    {f}%0D%20
    err invalid character 'f' looking for beginning of object key string
    %0D {%0A%09"zzz": -m%0A}
    err invalid character 'm' in numeric literal
    { "\u0062":fase ,%0D "I8":-12
    err invalid character 's' in literal false (expecting 'l')
    ts
    err invalid character 's' in literal true (expecting 'r')
    [3754906u,1,[null,3.5e+38]]
    err invalid character 'u' after array element
     {%0A%09"name"{: "Q!"%0A%09}
    err invalid character '{' after object key
    f{"
    err invalid character '{' in literal false (expecting 'a')
    n{1}%0A
    err invalid character '{' in literal null (expecting 'u')
    {{}
    err invalid character '{' looking for beginning of object key string
    {"x"%0A%09:1.}x
    err invalid character '}' after decimal point in numeric literal
     {"b":%0D tru%E3%0D }
    err invalid character 'ã' in literal true (expecting 'e')
    %0A%09{%0A%09"b":fal%E9e %0D%20
    err invalid character 'é' in literal false (expecting 's')
    {"any"%0A%09:3.40%FF28235e+38}
    err invalid character 'ÿ' after object key:value pair
    %0A%09{%0D "b" :[]}%0A%09
    err json: cannot unmarshal array into Go struct field T.b of type bool
     {"b" :[[[]]],"any":1}
    err json: cannot unmarshal array into Go struct field T.b of type bool
    {"bytes"%0A%09:%0D [[null,315.506,128],{"I+8"%0D :3.4028235e+38}] , "ks":"\\%C0%80"%0D }
    err json: cannot unmarshal array into Go struct field T.bytes of type uint8
    {%0D "f":[],"f" :%0D []}%0D%20
    err json: cannot unmarshal array into Go struct field T.f of type float64
    {"f" :%0A%09[7]%0A%09}
    err json: cannot unmarshal array into Go struct field T.f of type float64
    %0D {"inners" :[] ,%0A%09"f32":[]}%20
    err json: cannot unmarshal array into Go struct field T.f32 of type float32
     {"f32"%0A%09:[]%0D }%0A%09
    err json: cannot unmarshal array into Go struct field T.f32 of type float32
    {"f" :%0D null,"i":[1]}%0D%20
    err json: cannot unmarshal array into Go struct field T.i of type int
    {%0D "i"%0D : [] }
    err json: cannot unmarshal array into Go struct field T.i of type int
    {"zzz":%0D null,%0A%09"I8":[]%0A%09}
    err json: cannot unmarshal array into Go struct field T.i8 of type int8
     {"I8":[true,false]}
    err json: cannot unmarshal array into Go struct field T.i8 of type int8
    {"ks":"%F4%90%80%80" ,"inner"%0A%09: []}
    err json: cannot unmarshal array into Go struct field T.inner of type main.Inner
    {"Inner":%0A%09[]}
    err json: cannot unmarshal array into Go struct field T.inner of type main.Inner
    {"k\u017f" :%0D []}
    err json: cannot unmarshal array into Go struct field T.ks of type string
    {"map"%0D :%0A%09[]%0D }}%0A%09
    err json: cannot unmarshal array into Go struct field T.map of type map[string]int
    %0D {"map":[]%0D }
    err json: cannot unmarshal array into Go struct field T.map of type map[string]int
    %0D {"s":[] }
    err json: cannot unmarshal array into Go struct field T.s of type string
    { "zzz":1e-06 ,%0D "u"%0D :[]}
    err json: cannot unmarshal array into Go struct field T.u of type uint64
    %0D {"u":%0D [] }
    err json: cannot unmarshal array into Go struct field T.u of type uint64
    %0A%09[]%FF%FCH
    err json: cannot unmarshal array into Go value of type main.T
    [null,null,1e+21]
    err json: cannot unmarshal array into Go value of type main.T
    {"array":false, "f": {}%0D }
    err json: cannot unmarshal bool into Go struct field T.array of type []int
     {"\u0061\u0072\u0072\u0061\u0079"%0D :true,"I8" :%0A%0910e-1}%20
    err json: cannot unmarshal bool into Go struct field T.array of type []int
    {"bytes" :%0D true}%0D%20
    err json: cannot unmarshal bool into Go struct field T.bytes of type []uint8
    %0D { "bytes" :%0A%09true}%0A%09
    err json: cannot unmarshal bool into Go struct field T.bytes of type []uint8
    %0D { "bytes"%0D :%0A%09[true]%0A%09}%20
    err json: cannot unmarshal bool into Go struct field T.bytes of type uint8
    { "inner"%0D :{},"f" : true}
    err json: cannot unmarshal bool into Go struct field T.f of type float64
    %0D {%0A%09"f" :false%0D }%0A%09
    err json: cannot unmarshal bool into Go struct field T.f of type float64
    {%0A%09"f32"%0D :false }
    err json: cannot unmarshal bool into Go struct field T.f32 of type float32
     {%0D "f32": false}%0A%09
    err json: cannot unmarshal bool into Go struct field T.f32 of type float32
    {"\u0069":false,"b"%0A%09:true}
    err json: cannot unmarshal bool into Go struct field T.i of type int
    %0A%09{"i"%0D :true}%0A%09
    err json: cannot unmarshal bool into Go struct field T.i of type int
     {"I8":%0A%09true,"I8f4" :1.0}
    err json: cannot unmarshal bool into Go struct field T.i8 of type int8
     { "i8": false,"f32"%0D :null}%20
    err json: cannot unmarshal bool into Go struct field T.i8 of type int8
     {"inners"%0D : false}
    err json: cannot unmarshal bool into Go struct field T.inners of type []main.Inner
    { "inners"%0A%09:%0D true}%0A%09
    err json: cannot unmarshal bool into Go struct field T.inners of type []main.Inner
     {"":{}%0A%09,"KS"%0A%09:%0A%09true }%0A%09
    err json: cannot unmarshal bool into Go struct field T.ks of type string
    {%0A%09"map"%0D :%0D true}%20
    err json: cannot unmarshal bool into Go struct field T.map of type map[string]int
     {"map"%0A%09:false%0D }
    err json: cannot unmarshal bool into Go struct field T.map of type map[string]int
    {%0D "ptr"%0D :%0D false}%0A%09
    err json: cannot unmarshal bool into Go struct field T.ptr of type main.Inner
    %0D {"ANY": [],"ptr" :%0D false}%20
    err json: cannot unmarshal bool into Go struct field T.ptr of type main.Inner
    {"S"%0A%09: false%0D }%0D%20
    err json: cannot unmarshal bool into Go struct field T.s of type string
    {"strings" :%0A%09false}%0A%09
    err json: cannot unmarshal bool into Go struct field T.strings of type []string
    %0A%09{"strings":true%0A%09}%0A%09
    err json: cannot unmarshal bool into Go struct field T.strings of type []string
    {%0A%09"u" :true%09}
    err json: cannot unmarshal bool into Go struct field T.u of type uint64
    %0D {"u"%0D :true%0D }
    err json: cannot unmarshal bool into Go struct field T.u of type uint64
    %0A%09true%0D%20
    err json: cannot unmarshal bool into Go value of type main.T
    %0A%09true
    err json: cannot unmarshal bool into Go value of type main.T
    %0D {"bytes" : [1.5e+300,"\udc00x%FF%E2%82\b\f%F0%9F%98\u00e9abcdefgh\n%F0%9F%98\udc00x%F4%90%80%80"]}
    err json: cannot unmarshal number 1.5e+300 into Go struct field T.bytes of type uint8
    {%0A%09"f32"%0D :1.5e+300}%20
    err json: cannot unmarshal number 1.5e+300 into Go struct field T.f32 of type float32
    {"i"%0D :1.5e+300%0D }
    err json: cannot unmarshal number 1.5e+300 into Go struct field T.i of type int
    {%0D "u":1e-400}%0D%20
    err json: cannot unmarshal number 1e-400 into Go struct field T.u of type uint64
    {"f"%0D : 1e400, "array" :[] }
    err json: cannot unmarshal number 1e400 into Go struct field T.f of type float64
    {%0A%09"f"%0D :1e400,%0A%09"f" :1e-606}
    err json: cannot unmarshal number 1e400 into Go struct field T.f of type float64
    { "i8":3.4028235e+38}%0D%20
    err json: cannot unmarshal number 3.4028235e+38 into Go struct field T.i8 of type int8
     {"f32":3.5e+38 }%20
    err json: cannot unmarshal number 3.5e+38 into Go struct field T.f32 of type float32
    %0D {"u":3.5e+38 }%20
    err json: cannot unmarshal number 3.5e+38 into Go struct field T.u of type uint64
     {%0D "i8":39.253}
    err json: cannot unmarshal number 39.253 into Go struct field T.i8 of type int8
    %0D {%0D "i"%0A%09:572.915}%0D%20
    err json: cannot unmarshal number 572.915 into Go struct field T.i of type int
    {%0D "array"%0A%09:%0D 0%0D }%0A%09
    err json: cannot unmarshal number into Go struct field T.array of type []int
    {%0A%09"array":-0,%0A%09"f":1e400 }
    err json: cannot unmarshal number into Go struct field T.array of type []int
    %0A%09{"b" :%0D 7%0D }%20
    err json: cannot unmarshal number into Go struct field T.b of type bool
    %0A%09{"b":9.9e-07 ,"array":%0A%09[]}
    err json: cannot unmarshal number into Go struct field T.b of type bool
    {"bytes":%0A%091e+21}
    err json: cannot unmarshal number into Go struct field T.bytes of type []uint8
    { "bytes"%0D :2147483648}
    err json: cannot unmarshal number into Go struct field T.bytes of type []uint8
    {%0D "inner" :1e+20 }%0A%09
    err json: cannot unmarshal number into Go struct field T.inner of type main.Inner
    %0A%09{ "Inner":1.5e+300%0D }%0A%09
    err json: cannot unmarshal number into Go struct field T.inner of type main.Inner
    %0D {"inners" :1e-06 }%20
    err json: cannot unmarshal number into Go struct field T.inners of type []main.Inner
     {%0D "inners":-129%0A%09}
    err json: cannot unmarshal number into Go struct field T.inners of type []main.Inner
    { "k%C5%BF"%0D : -1}
    err json: cannot unmarshal number into Go struct field T.ks of type string
    %0D {"k%C5%BF":%0A%093.5e+38%0A%09}
    err json: cannot unmarshal number into Go struct field T.ks of type string
    %0A%09{"map" :%0A%09-1}%20
    err json: cannot unmarshal number into Go struct field T.map of type map[string]int
    %0D {"map" :3.5e+38%0A%09}
    err json: cannot unmarshal number into Go struct field T.map of type map[string]int
    {%0A%09"strings" :%0D 1E5%0A%09}
    err json: cannot unmarshal number into Go struct field T.strings of type []string
    %0A%09{ "strings"%0A%09:128%0D }%0D%20
    err json: cannot unmarshal number into Go struct field T.strings of type []string
    18446744073709551615
    err json: cannot unmarshal number into Go value of type main.T
    %0D -9223372036854775808%20
    err json: cannot unmarshal number into Go value of type main.T
    { "array"%0D :%0D {} }%0D.%20
    err json: cannot unmarshal object into Go struct field T.array of type []int
     { "array":{"b"%0D :true%0A%09} }
    err json: cannot unmarshal object into Go struct field T.array of type []int
    {%0A%09"\u0062":%0D {} }
    err json: cannot unmarshal object into Go struct field T.b of type bool
    {%0A%09"k\u017f":%0A%09"a" ,%0D "b":{%0D "u" : -922337203685475809}}%0A%09
    err json: cannot unmarshal object into Go struct field T.b of type bool
    {"bytes"%0A%09:%0A%09{}}
    err json: cannot unmarshal object into Go struct field T.bytes of type []uint8
    %0A%09{"bytes":{}}
    err json: cannot unmarshal object into Go struct field T.bytes of type []uint8
    %0A%09{ "S" :%0D "h\u00e9\u00e9 \ud83d\ude00 ok","bytes":[{}]}
    err json: cannot unmarshal object into Go struct field T.bytes of type uint8
    {%0D "name"%0D : "Q!","i":-9223372036854775808 ,"bytes":%0D [{}],"any":null%0A%09}
    err json: cannot unmarshal object into Go struct field T.bytes of type uint8
    {"f":%0D {}}
    err json: cannot unmarshal object into Go struct field T.f of type float64
    {"f": {},"f32"%0D :-0.0%0D }
    err json: cannot unmarshal object into Go struct field T.f of type float64
    {"f32":{}%0A%09}%0A%09
    err json: cannot unmarshal object into Go struct field T.f32 of type float32
    %0D {%0D "f32"%0A%09:{}}%0A%09
    err json: cannot unmarshal object into Go struct field T.f32 of type float32
    {"i"%0A%09:{},%0D "%E2%84%AAs"%0D :"QQ=="}%20
    err json: cannot unmarshal object into Go struct field T.i of type int
    %0D {%0A%09"i" : {}}%0D%20
    err json: cannot unmarshal object into Go struct field T.i of type int
    { "x":%0A%091e-06%0D ,"I8" :{}%0D }
    err json: cannot unmarshal object into Go struct field T.i8 of type int8
    %0D {"I8":{}%0D }%0D%20
    err json: cannot unmarshal object into Go struct field T.i8 of type int8
    {%0D "inners" :{}}
    err json: cannot unmarshal object into Go struct field T.inners of type []main.Inner
    %0A%09{"inners": {%0A%09"I8":1}}%20
    err json: cannot unmarshal object into Go struct field T.inners of type []main.Inner
    %0D {"s":{} }
    err json: cannot unmarshal object into Go struct field T.s of type string
    %0D {%0A%09"s"%0D :{"b": []%0D }}%0D%20
    err json: cannot unmarshal object into Go struct field T.s of type string
    {"strings" :{} }%20
    err json: cannot unmarshal object into Go struct field T.strings of type []string
    {"strings"%0A%09:%0A%09{}}
    err json: cannot unmarshal object into Go struct field T.strings of type []string
    %0A%09{ "u" :{},%0D "x":%0A%091}
    err json: cannot unmarshal object into Go struct field T.u of type uint64
    {%0D "u":{},%0D "": ""%0A%09}%0A%09
    err json: cannot unmarshal object into Go struct field T.u of type uint64
    {"array" :"", "b":true%0A%09}%0D%20
    err json: cannot unmarshal string into Go struct field T.array of type []int
    { "b":false , "array": "a"%0D }
    err json: cannot unmarshal string into Go struct field T.array of type []int
    {"x": false%0A%09,"b"%0D :%0A%09"" }%0D%20
    err json: cannot unmarshal string into Go struct field T.b of type bool
    {"b":"a","ks":%0D "QQ=="}
    err json: cannot unmarshal string into Go struct field T.b of type bool
    %0A%09{ "bytes":%0D ["\udc00xabcdefgh%ED%A0%80a\n%F0%9F%98%80%FF%F0%9F%98",false]}
    err json: cannot unmarshal string into Go struct field T.bytes of type uint8
     {%0A%09"f":%0D "a"%0A%09}%0D%20
    err json: cannot unmarshal string into Go struct field T.f of type float64
    {%0D "f":"aGVsbG8="%0A%09}%0D%20
    err json: cannot unmarshal string into Go struct field T.f of type float64
    %0D { ""%0D :%0A%097,"f32":""}%20
    err json: cannot unmarshal string into Go struct field T.f32 of type float32
    {%0A%09"f32"%0A%09:"","f32":1e-400}
    err json: cannot unmarshal string into Go struct field T.f32 of type float32
    %0A%09{"i":"hello world"}%20
    err json: cannot unmarshal string into Go struct field T.i of type int
    {"f":%0D 1e+21 ,"i"%0A%09: "Q!"}
    err json: cannot unmarshal string into Go struct field T.i of type int
    %0A%09{%0A%09"b":false,"I8"%0D :"\/"%0A%09}
    err json: cannot unmarshal string into Go struct field T.i8 of type int8
    {"I8":%0D "\\\/" ,"zzz":%0D []}%0A%09
    err json: cannot unmarshal string into Go struct field T.i8 of type int8
    {%0A%09"inner":%0D "%ED%A0%80\"" }
    err json: cannot unmarshal string into Go struct field T.inner of type main.Inner
    %0A%09{"inner":"aGVsbG8="%0A%09}%0D%20
    err json: cannot unmarshal string into Go struct field T.inner of type main.Inner
    %0D { "inners"%0D :""%0D }%0D%20
    err json: cannot unmarshal string into Go struct field T.inners of type []main.Inner
     {"\u0069\u006e\u006e\u0065\u0072\u0073" :""%0A%09}
    err json: cannot unmarshal string into Go struct field T.inners of type []main.Inner
    {"map"%0D :"QQ==" }
    err json: cannot unmarshal string into Go struct field T.map of type map[string]int
    %0D {"map":"aGVsG8=" }
    err json: cannot unmarshal string into Go struct field T.map of type map[string]int
    {"strings": "aGVsbG8="%0D }
    err json: cannot unmarshal string into Go struct field T.strings of type []string
     { "strings"%0D :"\b\f"%0A%09,"" :"a"%0D }
    err json: cannot unmarshal string into Go struct field T.strings of type []string
    {"u":"a\n%E2%82\n"}
    err json: cannot unmarshal string into Go struct field T.u of type uint64
    {%0D "u" :%0D "a"}
    err json: cannot unmarshal string into Go struct field T.u of type uint64
    "i":1e400
    err json: cannot unmarshal string into Go value of type main.T
    %0D "a" {}
    err json: cannot unmarshal string into Go value of type main.T
    %0A%09{%0A%09"strings":["%F0%9F%98\ud80
    err unexpected EOF
     { "f32"%0D%20
    err unexpected EOF
    { "I8":%0D -1}%0A%09
    ok {"s":"","i":0,"i8":-1,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"f32":%0A%09-0 }%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":-0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"f32" :-128}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":-128,"b":false,"inner":{"x":0,"name":""},"ks":""}
    { "ANY" :"a"%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":"a","ks":""}
    {%0A%09"any": "hello world"%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":"hello world","ks":""}
    %0A%09{%0A%09"ANY"%0A%09:"%F4%90%80%80"%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":"����","ks":""}
    %0D {%0A%09"any":-128}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":-128,"ks":""}
    {"array":%0D [],"any":%0D -129}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":-129,"ks":""}
     { "ANY": 1e-06 }%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":0.000001,"ks":""}
    %0D {"ANY": 1.5e+300}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":1.5e+300,"ks":""}
     { "ANY":3.5e+38%0D }%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":3.5e+38,"ks":""}
    { "ANY":%0A%09[3.5e+38,[null]]}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[3.5e+38,[null]],"ks":""}
    %0D {"any":[[]] }%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[[]],"ks":""}
    { "ANY"%0A%09:[[]],"x" :-128}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[[]],"ks":""}
    {"ANY":%0D []%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[],"ks":""}
     {"any"%0D : []}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[],"ks":""}
    %0A%09{%0A%09"ANY":[null,false] }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":[null,false],"ks":""}
     {%0A%09"ANY":false%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":false,"ks":""}
     { "ANY"%0D : {}%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":{},"ks":""}
     {"ANY":%0A%09{}}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":{},"ks":""}
    {"any"%0A%09:{}}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"any":{},"ks":""}
    %0A%09{%0A%09"array"%0D :[127,7,1]}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"array":[127,7,1],"ks":""}
    {%0A%09"inners"%0D :[{}] }%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"inners":[{"x":0,"name":""}],"ks":""}
    { "inners":%0A%09[{}]%0A%09}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"inners":[{"x":0,"name":""}],"ks":""}
    %0A%09{ "\u212as":"Q!"}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"Q!"}
    %0A%09{ "\u212as":"QQ=="}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"QQ=="}
    %0D {"ks" :"QQ=="%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"QQ=="}
    %0D {%0A%09"%E2%84%AAs":"QQ=="}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"QQ=="}
    %0A%09{%0D "%E2%84%AAs":%0D "\"%F0%9F%98\b\f"%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"\"���\b\f"}
    %0A%09{%0A%09"\u004b\u0053" :%0D "a"}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"a"}
    %0A%09{%0A%09"k%C5%BF":"a"}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"a"}
     {"ks":"hello world"}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"hello world"}
    {"ks"%0A%09:%0A%09"hel{lo world"%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"hel{lo world"}
    { "\u212as":"%9D","I8"%0A%09:%0D -0}%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"�"}
    {%0A%09"KS":"\ud800\u0041"%0D }%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":"�A"}
     {"ptr":{} ,"any":1e-06}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ptr":{"x":0,"name":""},"any":0.000001,"ks":""}
     {"ptr"%0D :%0D { "X":%0D 0%0D }%0D }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ptr":{"x":0,"name":""},"ks":""}
    {%0D "ptr":{}}%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ptr":{"x":0,"name":""},"ks":""}
    %0D {%0A%09"ptr"%0A%09:{}%0A%09}%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ptr":{"x":0,"name":""},"ks":""}
    {"strings"%0A%09:%0D ["QQ==",""]}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"strings":["QQ==",""],"ks":""}
    {"strings": ["aGVsbG8="]%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"strings":["aGVsbG8="],"ks":""}
     {"b" :true}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
     {"b": true,"ANY":null%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
     {"zzz":{},%0D "b": true}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
     { "b":false%0A%09, "b":true%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
    %0D {"b"%0A%09:true%0A%09}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
    {"b"%0A%09:%0D true}%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
    {"b":true%0D ,"ptr"%0A%09:{}}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":true,"inner":{"x":0,"name":""},"ptr":{"x":0,"name":""},"ks":""}
    {"f32":1.0}
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":1,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {%0A%09"":%0A%09null ,"f32":1e+21 }%0D%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":0,"f32":1e+21,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"f":1e-06 }
    ok {"s":"","i":0,"i8":0,"u":0,"f":0.000001,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"b"%0D :%0A%09true,%0A%09"f":1.0}%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":1,"f32":0,"b":true,"inner":{"x":0,"name":""},"ks":""}
    {"f":%093.4028235e+38}%20
    ok {"s":"","i":0,"i8":0,"u":0,"f":3.4028235e+38,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
     {%0D "f"%0A%09: 5e-324 }%0A%09
    ok {"s":"","i":0,"i8":0,"u":0,"f":5e-324,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    { "f" :5e-324}
    ok {"s":"","i":0,"i8":0,"u":0,"f":5e-324,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"f":9.29509007350382e+17 }
    ok {"s":"","i":0,"i8":0,"u":0,"f":929509007350382000,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"inner":%0D {}, "u" :%0D 127}
    ok {"s":"","i":0,"i8":0,"u":127,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    %0A%09{%0D "u"%0D : 7,"b":false}
    ok {"s":"","i":0,"i8":0,"u":7,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {%0A%09"i8":1%0D }%0A%09
    ok {"s":"","i":0,"i8":1,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"I8":1}
    ok {"s":"","i":0,"i8":1,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    %0D {%0D "i": 7%0D }%0A%09
    ok {"s":"","i":7,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    %0A%09{"i" :9007199254740992 }
    ok {"s":"","i":9007199254740992,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
     {"name":1e-06,"S"%0D : "Q!"}
    ok {"s":"Q!","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    %0A%09{ "S"%0D :%0D "Q!"}
    ok {"s":"Q!","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"S" :"\"%ED%A0%80" }%0D%20
    ok {"s":"\"���","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"s"%0D :"aGVsbG8="%0A%09}
    ok {"s":"aGVsbG8=","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {%0A%09"s"%0D :%0D "hello worl"%0D }
    ok {"s":"hello worl","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    {"s":"hello world"}%0D%20
    ok {"s":"hello world","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    { "s":%0D "%C0%80\\" }%20
    ok {"s":"��\\","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    %0A%09{"S":"%C0%80\u00e9%F0%9F%98\u003c"}%20
    ok {"s":"��é���\u003c","i":0,"i8":0,"u":0,"f":0,"f32":0,"b":false,"inner":{"x":0,"name":""},"ks":""}
    """#
