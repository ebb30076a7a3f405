//! The programs that a Python programmer would write first do not compile. Each says why, and what
//! Python does with it; its twin counts to 500,000.

mod compiler;

#[test]
fn a_variable_is_not_borrowed_mutably_by_five_threads() {
    compiler::refuses("variable_in_scoped_threads", &["E0499"]);
}

#[test]
fn a_variable_is_not_borrowed_by_threads_that_may_outlive_it() {
    compiler::refuses("variable_in_spawned_threads", &["E0373", "E0499", "E0502"]);
}

#[test]
fn an_rc_is_not_sent_to_a_thread() {
    compiler::refuses("rc_cell_in_spawned_threads", &["E0277"]);
}

#[test]
fn a_static_mut_is_not_used_without_unsafe() {
    compiler::refuses("static_mut", &["E0133"]);
}
