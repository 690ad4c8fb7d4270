//! `glue <in.wasm> <out-dir>`: writes `index.js` and `index_bg.wasm`, as the wasm-bindgen CLI would.
//!
//! A library call instead of an installed CLI: Cargo.lock pins it, and nothing is downloaded but crates.

use std::{env, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let [wasm, out_dir] = &env::args().skip(1).collect::<Vec<_>>()[..] else {
        eprintln!("usage: glue <in.wasm> <out-dir>");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let made = bindgen
        .input_path(wasm)
        .out_name("index")
        .typescript(false)
        .force_enable_abort_handler(true)
        .module(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
