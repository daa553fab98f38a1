//! The grammar that JUEL and FEEL share: binary operators by how tightly they bind, brackets, members, indices.

use super::{
    Untranslated,
    token::Token,
    tree::{Binary, Expression},
};

/// Deeper nesting than this is refused.
const DEPTH_MAX: usize = 40;

/// What differs between the two languages.
pub(super) trait Language {
    /// Operator and how tightly it binds, if the token is one.
    fn binary(token: &Token) -> Option<(Binary, u8)>;

    /// What begins with this word, beyond a plain name; None if it is a name.
    fn special(parser: &mut Parser<'_, Self>, word: &str) -> Option<Result<Expression, Untranslated>>
    where
        Self: Sized;

    /// A function (`of` is None) or a method.
    fn call(of: Option<Expression>, name: &str, given: Vec<Expression>) -> Result<Expression, Untranslated>;

    /// `of[at]`.
    fn index(of: Expression, at: Expression) -> Expression;

    /// What may follow a whole expression: a conditional, a comparison with three parts.
    fn tail(parser: &mut Parser<'_, Self>, before: Expression) -> Result<Expression, Untranslated>
    where
        Self: Sized;
}

/// Reads tokens from left to right.
pub(super) struct Parser<'t, L> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    language: std::marker::PhantomData<L>,
}

impl<'t, L: Language> Parser<'t, L> {
    /// The whole of `tokens` as one expression.
    pub(super) fn whole(tokens: &'t [Token]) -> Result<Expression, Untranslated> {
        let mut parser = Self { tokens, at: 0, depth: 0, language: std::marker::PhantomData };
        let expression = parser.expression()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(unexpected(Some(token))),
        }
    }

    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<&'t Token> {
        let token = self.peek();
        self.at += 1;
        token
    }

    pub(super) fn accept(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn accept_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found == word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), Untranslated> {
        if self.accept(sign) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), Untranslated> {
        if self.accept_word(word) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    /// One whole expression.
    pub(super) fn expression(&mut self) -> Result<Expression, Untranslated> {
        let expression = self.binary(0)?;
        L::tail(self, expression)
    }

    /// Operators that bind at least as tightly as `least`.
    pub(super) fn binary(&mut self, least: u8) -> Result<Expression, Untranslated> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Untranslated::new("表达式嵌套过深", "the expression is nested too deeply"));
        }
        let mut left = self.prefix()?;
        while let Some((operator, tight)) = self.peek().and_then(L::binary).filter(|(_, tight)| *tight >= least) {
            self.at += 1;
            let right = self.binary(tight + 1)?;
            left = Expression::binary(operator, left, right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Expression, Untranslated> {
        let mut signs = Vec::new();
        loop {
            if self.accept("-") {
                signs.push(true);
            } else if self.accept("!") {
                signs.push(false);
            } else {
                break;
            }
            if signs.len() > DEPTH_MAX {
                return Err(unexpected(self.peek()));
            }
        }
        let of = self.postfix()?;
        let wrap = |of, minus| if minus { Expression::Negative(Box::new(of)) } else { Expression::Not(Box::new(of)) };
        Ok(signs.into_iter().rev().fold(of, wrap))
    }

    /// A primary with its members, indices and calls.
    pub(super) fn postfix(&mut self) -> Result<Expression, Untranslated> {
        let mut of = self.primary()?;
        loop {
            if self.accept(".") {
                let Some(Token::Word(name)) = self.take() else { return Err(unexpected(self.tokens.get(self.at - 1))) };
                of = if self.accept("(") {
                    let given = self.list(")")?;
                    L::call(Some(of), name, given)?
                } else {
                    Expression::Member(Box::new(of), name.clone())
                };
            } else if self.accept("[") {
                let at = self.expression()?;
                self.expect("]")?;
                of = L::index(of, at);
            } else {
                return Ok(of);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, Untranslated> {
        match self.take() {
            Some(Token::Number(number)) => Ok(Expression::Number(number.clone())),
            Some(Token::Text(text)) => Ok(Expression::Text(text.clone())),
            Some(Token::Word(word)) => self.word(word),
            Some(Token::Sign("(")) => {
                let inside = self.expression()?;
                self.expect(")")?;
                Ok(inside)
            }
            Some(Token::Sign("[")) => Ok(Expression::List(self.list("]")?)),
            Some(Token::Sign("{")) => self.map(),
            other => Err(unexpected(other)),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expression, Untranslated> {
        match word {
            "true" => return Ok(Expression::Boolean(true)),
            "false" => return Ok(Expression::Boolean(false)),
            "null" => return Ok(Expression::Null),
            _ => {}
        }
        if let Some(special) = L::special(self, word) {
            return special;
        }
        if self.accept("(") {
            let given = self.list(")")?;
            return L::call(None, word, given);
        }
        Ok(Expression::Name(word.to_owned()))
    }

    /// Expressions up to the closing bracket.
    pub(super) fn list(&mut self, close: &str) -> Result<Vec<Expression>, Untranslated> {
        let mut items = Vec::new();
        if self.accept(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.accept(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    fn map(&mut self) -> Result<Expression, Untranslated> {
        let mut entries = Vec::new();
        if self.accept("}") {
            return Ok(Expression::Map(entries));
        }
        loop {
            let key = match self.take() {
                Some(Token::Word(key) | Token::Text(key)) => key.clone(),
                other => return Err(unexpected(other)),
            };
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if self.accept("}") {
                return Ok(Expression::Map(entries));
            }
            self.expect(",")?;
        }
    }
}

/// What stands where something else should.
pub(super) fn unexpected(token: Option<&Token>) -> Untranslated {
    match token {
        None => Untranslated::new("表达式不完整", "the expression is not complete"),
        Some(token) => {
            let text = match token {
                Token::Number(text) | Token::Text(text) | Token::Word(text) => text.as_str(),
                Token::Sign(sign) => sign,
            };
            Untranslated::new(format!("表达式中此处不应有“{text}”"), format!("`{text}` is not expected here"))
        }
    }
}
