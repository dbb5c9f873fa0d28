namespace ServerlessTrace.Generation;

/// <summary>How an operation talks to the world; decides which attributes its spans have.</summary>
internal enum Transport
{
    None,
    Http,
    Sql,
    Cache,
    Messaging,
    Mail,
}
