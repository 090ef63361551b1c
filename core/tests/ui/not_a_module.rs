use dullahan_core::Core;

struct Users;

fn main() {
    Core::builder().module(Users);
}
