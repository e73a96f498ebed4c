//! The functions that are built, by name. What Kubernetes declares and this lacks is refused when it is compiled.
//!
//! A function gets its receiver as the first argument. Overloads were chosen by number and static type only as far as
//! these are known, so that every function looks at its arguments' kinds itself.

mod addresses;
mod arithmetic;
mod conversions;
mod formats;
pub(crate) mod formatting;
pub(crate) mod lists;
mod optionals;
mod quantities;
pub(crate) mod regexes;
mod search;
mod sets;
mod strings;
mod times;
mod urls;
mod versions;

pub(crate) use self::conversions::written;
use crate::error::{ErrorKind, Failure};
use crate::meter::Meter;
use crate::syntax::operator;
use crate::value::Val;

/// A function: what it reads and makes it pays from the meter.
pub(crate) type Function = for<'v> fn(&mut Meter, &[Val<'v>]) -> Result<Val<'v>, Failure>;

/// What a function returns.
type Outcome<'v> = Result<Val<'v>, Failure>;

/// The function of a name, if it is built.
pub(crate) fn find(name: &str) -> Option<Function> {
    Some(match name {
        operator::ADD => arithmetic::add,
        operator::SUBSTRACT => arithmetic::subtract,
        operator::MULTIPLY => arithmetic::multiply,
        operator::DIVIDE => arithmetic::divide,
        operator::MODULO => arithmetic::modulo,
        operator::NEGATE => arithmetic::negate,
        "bool" => conversions::to_bool,
        "bytes" => conversions::to_bytes,
        "double" => conversions::to_double,
        "dyn" => conversions::same,
        "int" => conversions::to_int,
        "string" => conversions::to_string,
        "type" => conversions::type_of,
        "uint" => conversions::to_uint,
        "duration" => times::to_duration,
        "timestamp" => times::to_timestamp,
        "size" => conversions::size,
        "charAt" => strings::char_at,
        "contains" => search::contains,
        "endsWith" => search::ends_with,
        "indexOf" => search::index_of,
        "lastIndexOf" => search::last_index_of,
        "startsWith" => search::starts_with,
        "format" => formatting::format,
        "join" => strings::join,
        "lowerAscii" => strings::lower_ascii,
        "replace" => strings::replace,
        "split" => strings::split,
        "strings.quote" => strings::quote,
        "substring" => strings::substring,
        "trim" => strings::trim,
        "upperAscii" => strings::upper_ascii,
        "find" => regexes::find,
        "findAll" => regexes::find_all,
        "matches" => regexes::matches,
        "distinct" => lists::distinct,
        "first" => lists::first,
        "flatten" => lists::flatten,
        "isSorted" => lists::is_sorted,
        "last" => lists::last,
        "lists.range" => lists::range,
        "max" => lists::max,
        "min" => lists::min,
        "reverse" => lists::reverse,
        "slice" => lists::slice,
        "sort" => lists::sort,
        "sum" => lists::sum,
        "sets.contains" => sets::contains,
        "sets.equivalent" => sets::equivalent,
        "sets.intersects" => sets::intersects,
        "hasValue" => optionals::has_value,
        "optional.none" => optionals::none,
        "optional.of" => optionals::of,
        "optional.ofNonZeroValue" => optionals::of_non_zero,
        "optional.unwrap" | "unwrapOpt" => optionals::unwrap,
        "value" => optionals::value,
        "getDate" => times::date,
        "getDayOfMonth" => times::day_of_month,
        "getDayOfWeek" => times::day_of_week,
        "getDayOfYear" => times::day_of_year,
        "getFullYear" => times::full_year,
        "getHours" => times::hours,
        "getMilliseconds" => times::milliseconds,
        "getMinutes" => times::minutes,
        "getMonth" => times::month,
        "getSeconds" => times::seconds,
        "quantity" => quantities::quantity,
        "isQuantity" => quantities::is_quantity,
        "add" => quantities::add,
        "sub" => quantities::sub,
        "asApproximateFloat" => quantities::as_approximate_float,
        "asInteger" => quantities::as_integer,
        "isInteger" => quantities::is_integer,
        "sign" => quantities::sign,
        "compareTo" => versions::compare_to,
        "isGreaterThan" => versions::is_greater_than,
        "isLessThan" => versions::is_less_than,
        "semver" => versions::semver,
        "isSemver" => versions::is_semver,
        "major" => versions::major,
        "minor" => versions::minor,
        "patch" => versions::patch,
        "ip" => addresses::ip,
        "ip.isCanonical" => addresses::is_canonical,
        "isIP" => addresses::is_ip,
        "family" => addresses::family,
        "isGlobalUnicast" => addresses::is_global_unicast,
        "isLinkLocalMulticast" => addresses::is_link_local_multicast,
        "isLinkLocalUnicast" => addresses::is_link_local_unicast,
        "isLoopback" => addresses::is_loopback,
        "isUnspecified" => addresses::is_unspecified,
        "cidr" => addresses::cidr,
        "isCIDR" => addresses::is_cidr,
        "containsCIDR" => addresses::contains_cidr,
        "containsIP" => addresses::contains_ip,
        "masked" => addresses::masked,
        "prefixLength" => addresses::prefix_length,
        "url" => urls::url,
        "isURL" => urls::is_url,
        "getEscapedPath" => urls::escaped_path,
        "getHost" => urls::host,
        "getHostname" => urls::hostname,
        "getPort" => urls::port,
        "getQuery" => urls::query,
        "getScheme" => urls::scheme,
        "format.named" => formats::named,
        "validate" => formats::validate,
        _ => return name.strip_prefix("format.").and_then(formats::constant),
    })
}

/// Arguments of kinds, or in a number, that a function does not take.
fn no_overload<T>() -> Result<T, Failure> {
    Err(ErrorKind::NoSuchOverload.into())
}

fn invalid<T>() -> Result<T, Failure> {
    Err(ErrorKind::InvalidArgument.into())
}

/// The first argument, which has to be a string; reading it is paid.
fn text<'a>(meter: &mut Meter, arguments: &'a [Val<'_>]) -> Result<&'a str, Failure> {
    text_at(meter, arguments, 0)
}

fn text_at<'a>(meter: &mut Meter, arguments: &'a [Val<'_>], index: usize) -> Result<&'a str, Failure> {
    let Some(Val::String(text)) = arguments.get(index) else { return no_overload() };
    meter.bytes(text.as_str().len())?;
    Ok(text.as_str())
}

fn int_at(arguments: &[Val<'_>], index: usize) -> Result<i64, Failure> {
    match arguments.get(index) {
        Some(Val::Int(value)) => Ok(*value),
        _ => no_overload(),
    }
}
