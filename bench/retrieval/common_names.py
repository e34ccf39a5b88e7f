"""Names that standard libraries give to things of many kinds; that a repository defines them too says nothing.

``append`` in a hole is a list's far more often than it is the method ``append`` of another file, and a model knows it
without being shown any. The rows are members of what every program of the language uses: strings, collections,
iterators, streams, promises, options and results, files, locks, formatting, and what every object has. Left out are
nouns that programs give to things of their own as often (``size``, ``status``, ``width``), but for members of the
most common types (``length``, ``message``). Python's built-in types are asked themselves.
"""

from __future__ import annotations

import builtins
from functools import cache
from typing import TYPE_CHECKING

from bench.retrieval.languages import family

if TYPE_CHECKING:
    from collections.abc import Iterable

_PYTHON_TYPES: tuple[type, ...] = (
    *(object, str, bytes, bytearray, int, float, complex, list, tuple, dict, set, frozenset, type(iter([]))),
    *(BaseException, OSError, staticmethod, classmethod),
)
# What the built-in types do not have: protocols of objects, files, threads, asyncio, logging, os, json, re, argparse.
_PYTHON = """
    __aenter__ __aexit__ __aiter__ __anext__ __await__ __bool__ __call__ __del__ __enter__ __exit__ __get__ __len__
    __getattr__ __next__ __post_init__ __set__ __set_name__ acquire add_argument appendleft args asdict basename cls
    close closed commit compile cwd debug deepcopy default defaultdict dirname done dump dumps enter_context environ
    error exists exception execute expanduser fetchall fetchone fileno finditer findall flush fullmatch getLogger
    getenv getcwd getpid glob group groups info is_alive is_dir is_file is_set isatty isdir isfile iterdir kill
    kwargs listdir load loads main makedirs match mkdir monotonic most_common move_to_end name namedtuple notify
    notify_all now open parse_args partial perf_counter poll popleft put put_nowait read read_bytes read_text
    readline readlines release resolve result returncode rmdir rmtree run search seek self send set_result shutdown
    sleep splitext start stat stderr stdin stdout strftime strptime sub submit tell terminate throw timestamp today
    total_seconds touch truncate unlink wait warn warning with_suffix writable write write_bytes write_text
    writelines
"""
_WEB = """
    abort abs add addEventListener all allSettled any appendChild apply assign at atob bind btoa byteLength call
    catch ceil charAt charCodeAt classList clear clearInterval clearTimeout clone close codePointAt concat console
    constructor contains createElement decode decodeURIComponent defineProperty delete dirname dispatchEvent emit
    encode encodeURIComponent end endsWith entries env error every exec existsSync exit exports extname fetch fill
    filter finally find findIndex findLast findLastIndex flat flatMap floor flush forEach freeze from fromCharCode
    fromEntries get getAttribute getElementById getItem getReader getTime has hasOwn hasOwnProperty includes indexOf
    info isArray isFinite isInteger isNaN iterator join json keys lastIndex lastIndexOf length listen localeCompare
    localStorage log map match matchAll max message min mkdir mkdirSync next normalize now off on once open padEnd
    padStart parse parseFloat parseInt pathname pipe pop postMessage pow preventDefault prototype push querySelector
    querySelectorAll race random read readFile readFileSync readdir reduce reduceRight reject removeAttribute
    removeChild removeEventListener removeItem removeListener repeat replace replaceAll require reset resolve
    reverse rmSync round search searchParams send setAttribute setInterval setItem setTimeout shift signal slice
    some sort splice split sqrt stack startsWith stderr stdin stdout stopPropagation stringify sub subarray substr
    substring tagName test text textContent then toFixed toISOString toJSON toLocaleString toLowerCase toPrecision
    toString toUpperCase trim trimEnd trimStart trunc undefined unlink unref unshift valueOf values warn write
    writeFile writeFileSync
"""
_JAVA = """
    abs accept add addAll addFirst addLast allMatch allOf andThen anyMatch append apply asList await boxed build
    call cancel ceil charAt clear clone close codePointAt collect comparing compare compareTo complete
    completedFuture compute computeIfAbsent computeIfPresent concat contains containsAll containsKey containsValue
    copyOf count countDown create currentThread currentTimeMillis debug decode decrementAndGet delete distinct
    emptyList emptyMap emptySet encode endsWith entry entrySet equals equalsIgnoreCase error execute exists exit
    fill filter finalize find findAny findFirst flatMap floor flush forEach format from get getAndIncrement
    getAndSet getBytes getCause getClass getConstructor getDeclaredField getDeclaredMethod getFirst getInstance
    getKey getLast getLogger getMessage getMethod getName getOrDefault getSimpleName getStackTrace getValue group
    hasNext hash hashCode ifPresent ifPresentOrElse incrementAndGet indexOf info insert intValue interrupt invoke
    isAlive isBlank isDirectory isDone isEmpty isInstance isInterrupted isPresent iterator join joining keySet
    lastIndexOf length limit lines listIterator lock longValue map mapToInt mapToObj match matcher matches max merge
    message min name nanoTime next nextInt noneMatch notify notifyAll of ofNullable onClose or orElse orElseGet
    orElseThrow ordinal parse parseDouble parseInt parseLong peek poll pollFirst pop pow print printStackTrace
    println printf push put putAll putIfAbsent random range read readAllBytes readLine reduce release remove
    removeAll removeFirst removeIf removeLast repeat replace replaceAll requireNonNull reset resolve retainAll
    reverse round run set setAccessible shutdown shutdownNow size skip sleep sort sorted split sqrt start startsWith
    stop stream strip sub subList submit substring sum supplyAsync take test thenAccept thenApply thenCompose
    thenComparing thenRun toArray toByteArray toCharArray toList toLowerCase toMap toSet toString toUpperCase trim
    tryLock unlock unmodifiableList unwrap valueOf values wait warn wrap write
"""
_GO = """
    Abs Add Addr AfterFunc Append Args As Atoi Background Base Buffer Builder Bytes Call Ceil Chmod Clean Close
    Command Compare Contains Context Copy Count Cut Deadline Decode DecodeString Decoder Dial Done Duration Elem
    Encode EncodeToString Encoder Environ Equal EqualFold Err Error Errorf Exec Exit Ext Fail FailNow Fatal Fatalf
    Fd FieldByName Fields Find FindAllString FindString FindStringSubmatch Floor Flush Format Fprint Fprintf
    Fprintln Get Getenv Getwd Glob HandleFunc HasPrefix HasSuffix Helper Index Int Int64 Interface Is IsAbs IsDir
    IsExist IsNil IsNotExist IsZero Itoa Join Len Less ListenAndServe Load LoadOrStore Lock Log Logf Lookup
    LookupEnv Marshal MarshalIndent MarshalJSON MarshalText Match MatchString Max Min Mkdir MkdirAll Mul MustCompile
    New NewBuffer NewBufferString NewDecoder NewEncoder NewReader NewReplacer NewRequest NewScanner NewTicker
    NewTimer NewWriter Now NumCPU Open OpenFile Panic Panicf Parallel Parse ParseBool ParseFloat ParseInt ParseUint
    Pipe Pop Print Printf Println Push Quote QuoteMeta RLock RUnlock Read ReadAll ReadByte ReadDir ReadFile ReadFrom
    ReadRune ReadString Reader Regexp Release Remove RemoveAll Rename Repeat Replace ReplaceAll Reset Round Run Scan
    Scanner Seek Set Setenv Shutdown Since Skip Sleep Sort Split SplitN Sprint Sprintf Sprintln Sqrt Start Stat
    Stderr Stdin Stdout Stop Store String Sub Submatch Sum Swap Sync TempDir Tick ToLower ToSlash ToUpper Trim
    TrimLeft TrimPrefix TrimRight TrimSpace TrimSuffix Truncate TypeOf Unix Unlock Unmarshal UnmarshalJSON
    UnmarshalText Unwrap Value ValueOf Wait Walk WalkDir WithCancel WithDeadline WithTimeout WithValue Wrap Write
    WriteByte WriteFile WriteHeader WriteRune WriteString WriteTo Writer append cap clear close copy delete error
    init len main make max min new panic print println recover string
"""
_RUST = """
    Borrowed Box Cell Cow Debug Default Display Err Error From Infallible Into Iter None Ok Option Ordering Owned
    Path PathBuf Rc Read RefCell Result Self Some String Vec Write abs add all and and_then any append args as_bytes
    as_deref as_mut as_path as_ptr as_ref as_slice as_str binary_search borrow borrow_mut build by_ref bytes
    canonicalize capacity chain char_indices chars checked_add checked_sub clear clone cloned cmp collect components
    concat contains contains_key copied count create create_dir create_dir_all current_dir dedup default deref
    deref_mut display drain drop elapsed ends_with entry enumerate eq err exists exit expect extend extension
    file_name file_stem file_type fill filter filter_map find find_map first flat_map flatten flush fmt fold
    for_each format from from_iter from_slice from_str from_utf8 ge get get_mut get_or_insert_with gt hash insert
    insert_str inspect into into_bytes into_inner into_iter into_string is_absolute is_alphanumeric is_ascii
    is_char_boundary is_dir is_empty is_err is_file is_none is_ok is_some is_some_and iter iter_mut join keys last
    le len lines lock log lt main map map_err map_or map_or_else matches max max_by max_by_key mem metadata min
    min_by min_by_key ne new next next_back not now nth ok ok_or ok_or_else open or or_default or_else or_insert
    or_insert_with parent parse partial_cmp partition peek peekable poll pop pop_front position print println
    product ptr push push_back push_front push_str read read_dir read_line read_to_end read_to_string recv reduce
    remove remove_dir_all remove_file rename repeat replace replacen resize retain rev rfind rotate run search send
    set skip skip_while sleep sort sort_by sort_by_key sort_unstable spawn splice split split_at split_first
    split_last split_off split_once split_whitespace starts_with stderr stdin stdout step_by strip_prefix
    strip_suffix sub sum swap take take_while test then then_some to_ascii_lowercase to_lowercase to_owned
    to_path_buf to_str to_string to_string_lossy to_uppercase to_vec trim trim_end trim_end_matches trim_matches
    trim_start trim_start_matches truncate try_from try_into unwrap unwrap_or unwrap_or_default unwrap_or_else
    values values_mut vec wait windows with_capacity with_extension write write_all write_fmt write_str writeln zip
"""
_C = """
    abort abs accept add append assert assign at atof atoi atoll back basic_string begin bind bool calloc capacity
    cbegin ceil cend cerr cin clear close compare const_iterator contains copy count cout crend data difference_type
    distance emplace emplace_back empty end endl equal erase errno exit exp fabs fclose feof fflush fgets fill find
    find_if first floor flush fmax fmin fopen for_each fprintf fputs fread free front fseek ftell function fwrite
    get getenv getline hash insert int16_t int32_t int64_t int8_t isalnum isalpha isdigit isspace iterator join kill
    length load lock log lower_bound main make_pair make_shared make_unique malloc map max max_element memcmp memcpy
    memmove memset min min_element move mutex next notify_all notify_one npos nullopt nullptr open optional pair
    perror poll pop pop_back pop_front pow printf ptrdiff_t push push_back push_front puts qsort rand rbegin read
    realloc recv release remove rename rend replace reserve reset resize reverse rfind round scanf second send
    shared_ptr size size_t size_type sleep snprintf sort split sprintf sqrt src sscanf std stderr stdin stdout stoi
    store str strcasecmp strcat strchr strcmp strcpy strdup strerror string string_view strlen strncmp strncpy
    strrchr strstr strtol strtoul substr swap thread to_string tolower top toupper transform try_lock tuple uint16_t
    uint32_t uint64_t uint8_t uintptr_t unique_lock unique_ptr unlock unordered_map unordered_set upper_bound usleep
    value_type vector vprintf vsnprintf wait what write
"""
_CSHARP = """
    Abs Action Add AddRange Aggregate All Any Append AppendLine AsReadOnly AsSpan Average Build Cancel Cast Clear
    Clone Close Combine Compare CompareTo Complete Concat ConfigureAwait Console Contains ContainsKey Convert Copy
    CopyTo Count Create CreateDirectory Current Debug Decode Default Delay Delete Dequeue Deserialize Dispose
    DisposeAsync Distinct Elapsed Empty Encode EndsWith Enqueue EnumerateFiles Equals Error Except Exception Execute
    Exists Exit Find FindAll FindIndex First FirstOrDefault Flush ForEach Format From FromResult Func Get GetAsync
    GetBytes GetEnumerator GetFiles GetHashCode GetMethod GetProperties GetProperty GetResult GetService GetString
    GetType GetValue GroupBy Guid HasValue IndexOf InnerException Insert Interlocked Intersect Invoke IsMatch
    IsNullOrEmpty IsNullOrWhiteSpace Join Key Keys Last LastIndexOf LastOrDefault Length List Load Lock Log LogDebug
    LogError LogInformation LogWarning Main Match Matches Max Message Min MoveNext Now OfType Open OrderBy
    OrderByDescending PadLeft PadRight Parse Peek Pop Push Range Read ReadAllText ReadAsync ReadKey ReadLine
    ReadToEnd Release Remove RemoveAll RemoveAt Repeat Replace Reset Resolve Result Reverse Round Run Seek Select
    SelectMany Send SendAsync SequenceEqual Serialize Set SetResult SetValue Single SingleOrDefault Skip Sleep Sort
    Split Start StartNew StartsWith Stop Substring Sum Take TakeWhile Task ThenBy ThrowIfCancellationRequested
    ToArray ToCharArray ToDictionary ToHashSet ToList ToLower ToLowerInvariant ToString ToUpper ToUpperInvariant
    Trim TrimEnd TrimStart TryAdd TryGetValue TryParse Union UtcNow Value Values Wait WaitAsync WhenAll WhenAny
    Where Write WriteAllText WriteAsync WriteLine Zip
"""
_PHP = """
    __call __callStatic __clone __construct __destruct __get __invoke __isset __set __toString __unset add all
    append array_filter array_key_exists array_keys array_map array_merge array_pop array_push array_reverse
    array_shift array_slice array_unique array_values assert basename bind bindTo call call_user_func clear close
    commit compact contains copy count create current date debug decode define delete dirname each empty encode end
    error execute exit explode fetch fetchAll file_exists file_get_contents file_put_contents filter find first
    flush format from function_exists get getCode getFile getIterator getLine getMessage getPrevious getTrace has
    header implode in_array info insert intval invoke is_array is_callable is_null is_numeric is_string isset items
    iterator_to_array join jsonSerialize json_decode json_encode key keys last ltrim main make map max merge min
    mkdir modify next now offsetExists offsetGet offsetSet offsetUnset open parse pop post preg_match preg_replace
    preg_split prepare prepend printf push put query read reduce register remove rename replace reset resolve
    reverse rewind round rtrim run search send set shift slice sort split sprintf start stop str_contains str_repeat
    str_replace str_starts_with strlen strpos strtolower strtoupper sub substr sum toArray toString trim ucfirst
    unset usort valid values warning write
"""
_RUBY = """
    add alias_method all any append apply assert at attr_accessor attr_reader attr_writer basename begin build bytes
    call capitalize chars chomp class_eval clear clone close collect commit compact concat count create cycle debug
    default define_method delete delete_if dig dirname downcase drop dup each each_pair each_slice each_with_index
    each_with_object empty end error eval exec execute exit expand_path extend extname fail fetch fill filter
    filter_map find find_all first flat_map flatten flush format freeze from get gets group_by gsub has_key hash
    include index info initialize inject insert inspect instance_eval instance_variable_get instance_variable_set
    invert items join keys lambda last length lines load log loop main map match max merge message method_missing
    min mkdir new next now object_id on open pack parse partition peek pluck pop post print private proc public push
    put puts raise rand read readlines reduce reject remove render replace require require_relative reset resolve
    respond_to reverse rotate round run sample save scan search select send shift shuffle size sleep slice sort
    sort_by split sprintf squeeze start start_with step stop strip sub succ sum swapcase tap then throw times to_a
    to_f to_h to_i to_proc to_s to_str to_sym tr transform_keys transform_values trim truncate uniq unlink unpack
    unshift upcase update values warn with_index write yield zip
"""
_BASH = """
    alias awk basename bg bind break builtin caller cat cd chmod chown clean command compgen complete cp curl cut
    date declare debug die dirname dirs echo enable env error eval exec exit export fail fg find getopts git grep
    hash head help history id info install jobs kill let ln local log ls main mapfile mkdir mktemp mv popd print
    printf pushd pwd read readarray readonly return rm rmdir run sed select set shift shopt sleep sort source stat
    sudo suspend tail tar tee test touch tr trap type typeset ulimit umask unalias uniq unset usage wait warn wc
    wget which xargs
"""
_ROWS = {
    "python": _PYTHON,
    "typescript": _WEB,
    "java": _JAVA,
    "go": _GO,
    "rust": _RUST,
    "cpp": _C,
    "csharp": _CSHARP,
    "php": _PHP,
    "ruby": _RUBY,
    "bash": _BASH,
}


@cache
def common_names(language: str) -> frozenset[str]:
    """Return the known names of a language's standard library; none of a language that has no row."""
    names = set(_ROWS.get(family(language), "").split())
    if language == "python":
        names.update(dir(builtins))
        for kind in _PYTHON_TYPES:
            names.update(dir(kind))
    return frozenset(names)


def uncommon(names: Iterable[str], language: str) -> tuple[str, ...]:
    """Return those names that no standard library of the language has, in their order."""
    return tuple(name for name in names if name not in common_names(language))
